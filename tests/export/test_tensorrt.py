import pytest

from edgekit.errors import EdgekitError
from edgekit.exporters import tensorrt
from edgekit.manifest import read_manifest

rtx = pytest.importorskip("tensorrt_rtx", reason="pip install tensorrt-rtx")


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_the_bundle_says_which_compiler_took_it(bundles, precision):
    manifest = read_manifest(bundles.of("jetson", precision))
    assert manifest.evidence == "reference"
    assert any("TensorRT-RTX" in note and "SM86" in note for note in manifest.notes)


def test_an_engine_comes_out(bundles):
    path = bundles.of("jetson", "int8") / "model.onnx"
    assert tensorrt.compile_ahead(path, "SM86") > 10_000


@pytest.mark.parametrize("content", [b"", b"text", b"\x08\x07\x12\x00"])
def test_what_is_no_graph_is_refused_by_name(tmp_path, content):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(EdgekitError, match=r"TensorRT refuses model\.onnx"):
        tensorrt.compile_ahead(path, "SM86")


def test_without_the_compiler_the_bundle_says_how_to_get_it(monkeypatch, made, tmp_path):
    from edgekit.target import target_named

    monkeypatch.setattr(tensorrt, "find_spec", lambda name: None)
    built = tensorrt.build(made.program, target_named("jetson"), "fp32", tmp_path)
    assert built.evidence is None
    assert tensorrt.INSTALL in built.notes[0]
