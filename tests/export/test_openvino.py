"""OpenVINO IR: integer kernels run, and nothing is computed in fewer bits than it says."""

import pytest

from edgekit.devices.runner.sessions.openvino import OpenVino
from edgekit.manifest import read_manifest

pytest.importorskip("openvino", reason="OpenVINO is not here: pip install openvino")


def kernels_of(bundle):
    """Return layer type, precision and kernel of every operator that OpenVINO executes."""
    session = OpenVino(str(bundle / "model.openvino"), ["image"], 1)
    nodes = session.compiled.get_runtime_model().get_ordered_ops()
    about = [node.get_rt_info() for node in nodes]
    keys = ("layerType", "runtimePrecision", "primitiveType")
    return [tuple(each[key].astype(str) for key in keys) for each in about]


def test_the_artifact_is_a_folder_with_graph_and_weights(bundles):
    bundle = bundles.of("intel", "fp32")
    folder = bundle / read_manifest(bundle).artifact
    assert {file.name for file in folder.iterdir()} == {"model.xml", "model.bin"}


def test_convolutions_run_in_integers(bundles):
    ran = kernels_of(bundles.of("intel", "int8"))
    found = [precision for layer, precision, _ in ran if layer == "Convolution"]
    assert len(found) > 10
    assert set(found) <= {"u8", "i8"}


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_floats_are_computed_in_float32_on_every_processor(bundles, precision):
    """Also where it has arithmetic of 16 bits, in which others would not decide the same."""
    heavy = ("Convolution", "FullyConnected", "MatMul")
    ran = kernels_of(bundles.of("intel", precision))
    found = [kernel for layer, _, kernel in ran if layer in heavy]
    assert len(found) > 10
    assert all(kernel.endswith("_f32") for kernel in found)


def test_names_of_the_program_stay(bundles, program):
    session = OpenVino(str(bundles.of("intel", "int8") / "model.openvino"), ["image"], 1)
    assert session.inputs() == [{"name": "image", "shape": [1, 3, 64, 64], "dtype": "float32"}]
    assert session.compiled.outputs[0].any_name == "logits"
