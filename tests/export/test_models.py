"""Networks of other kinds than the student that the other tests share."""

import numpy as np
import pytest

from edgekit.detectors.timm import new_student
from edgekit.devices import local
from edgekit.exporters.bundle import export_bundle
from edgekit.files import read_json
from edgekit.manifest import read_manifest
from edgekit.target import target_named


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
@pytest.mark.parametrize("target", ["x86", "android", "jetson"])
def test_several_inputs(two_inputs, target, precision, tmp_path):
    manifest = export_bundle(two_inputs, target_named(target), precision, tmp_path / "bundle")
    assert [item["shape"] for item in manifest.artifact_inputs] == [[1, 3, 32, 32], [1, 5]]
    logits = [
        sample["logits"]
        for sample in read_json(tmp_path / "bundle" / "golden" / "expected.json")["samples"]
    ]
    share = {"fp32": 1e-5, "fp16": 3e-3, "int8": 0.1}[precision]
    assert manifest.golden.max_abs <= share * np.ptp(logits)
    if target != "android":
        assert [item["name"] for item in manifest.artifact_inputs] == ["photo", "figures"]


def test_several_inputs_come_in_the_signatures_order(two_inputs, tmp_path):
    bundle = tmp_path / "bundle"
    export_bundle(two_inputs, target_named("android"), "fp32", bundle)
    arrays = two_inputs.data.read(two_inputs.data.samples[0])
    names = [spec.name for spec in two_inputs.data.signature.inputs]
    result = local.run(bundle, dict(reversed(list(zip(names, arrays, strict=True)))))
    assert abs(result.logits - two_inputs.detector.logits(arrays)).max() < 1e-5


def test_several_inputs_for_core_ml_have_their_names(two_inputs, tmp_path):
    from coremltools.models.utils import load_spec

    export_bundle(two_inputs, target_named("iphone"), "int8", tmp_path / "bundle")
    spec = load_spec(str(tmp_path / "bundle" / "model.mlpackage"))
    assert [item.name for item in spec.description.input] == ["photo", "figures"]


NETWORKS = {
    "mobilenetv4_conv_small_050": {},
    "vit_tiny_patch16_224": {"depth": 2, "img_size": 64},
    "repvit_m0_9": {},
    "mobileone_s0": {},
    "efficientvit_b0": {},
}


@pytest.fixture(scope="session")
def networks(signature, data, student_of):
    made = {}

    def student(name):
        if name not in made:
            made[name] = student_of(new_student(name, signature, **NETWORKS[name]), data)
        return made[name]

    return student


@pytest.mark.parametrize("target", ["x86", "android", "jetson"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name.startswith("vit") else pytest.mark.slow)
        for name in NETWORKS
    ],
)
def test_blocks_of_every_kind_in_int8(networks, name, target, tmp_path):
    student = networks(name)
    manifest = export_bundle(student, target_named(target), "int8", tmp_path / "bundle")
    samples = read_json(tmp_path / "bundle" / "golden" / "expected.json")["samples"]
    spread = float(np.ptp([sample["logits"] for sample in samples]))
    assert "int8" in manifest.layers.values()
    # These networks are not trained: their logits lie so close together that rounding is large.
    assert manifest.golden.max_abs <= 0.5 * spread + 0.02
    assert read_manifest(tmp_path / "bundle") == manifest


def test_layers_of_a_transformer_have_their_own_names(networks, tmp_path):
    student = networks("vit_tiny_patch16_224")
    manifest = export_bundle(student, target_named("x86"), "int8", tmp_path / "bundle")
    assert manifest.layers["backbone.blocks.0.attn.qkv"] == "int8"
    assert manifest.layers["backbone.patch_embed.proj"] == "int8"
    assert manifest.layers["head"] == "fp32"
    assert not [name for name in manifest.layers if "token" in name]
