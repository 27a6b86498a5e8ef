"""Every target in every precision: what a bundle promises, tried on the artifact on disk."""

import numpy as np
import pytest

from edgekit.devices import local
from edgekit.devices.runner import saturates
from edgekit.errors import UnavailableError
from edgekit.files import read_json
from edgekit.manifest import read_manifest
from edgekit.target import targets

# `auto` is a search, whose result is one of the others.
CASES = [(n, p) for n, target in targets().items() for p in target.precisions if p != "auto"]
QUANTIZED = [name for name, target in targets().items() if "int8" in target.precisions]
# How far an artifact may be from the float student, as a share of the logits' own spread.
TOLERANCES = {"fp32": 1e-4, "fp16": 1e-2, "int8": 0.15, "dynamic": 0.1, "weight_only": 0.1}

pytestmark = pytest.mark.parametrize(("target", "precision"), CASES)
each_quantized = pytest.mark.parametrize("target", QUANTIZED)


def golden_of(bundle):
    inputs = {
        path.stem: np.load(path, allow_pickle=False)
        for path in (bundle / "golden" / "inputs").glob("*.npy")
    }
    samples = read_json(bundle / "golden" / "expected.json")["samples"]
    return inputs, np.array([sample["logits"] for sample in samples], dtype=np.float32)


def test_the_bundle_is_whole_and_sealed(bundles, target, precision, made):
    bundle = bundles.of(target, precision)
    manifest = read_manifest(bundle)
    assert (manifest.target, manifest.precision) == (target, precision)
    assert manifest.signature == made.detector.signature
    assert (bundle / manifest.artifact).exists()
    assert set(manifest.files) == {manifest.artifact, "golden", "labels.txt"}
    assert (bundle / "labels.txt").read_text().split() == list(manifest.signature.classes)
    assert (manifest.calibration is not None) == (precision == "int8")
    assert ("int8" in manifest.layers.values()) == (precision == "int8")


def test_golden_vectors_show_every_step(bundles, target, precision, made):
    bundle = bundles.of(target, precision)
    inputs, expected = golden_of(bundle)
    assert {name: array.shape for name, array in inputs.items()} == {"image": (8, 3, 64, 64)}
    assert abs(made.detector.logits((inputs["image"],)) - expected).max() < 1e-4
    for sample in read_json(bundle / "golden" / "expected.json")["samples"]:
        assert (bundle / "golden" / sample["files"]["image"]).is_file()


def test_the_artifact_says_what_the_student_says(bundles, target, precision):
    bundle = bundles.of(target, precision)
    inputs, expected = golden_of(bundle)
    manifest = read_manifest(bundle)
    if manifest.golden.max_abs is None:
        with pytest.raises(UnavailableError) as caught:
            local.run(bundle, inputs)
        assert manifest.evidence == "compiled"
        assert f"not executed here: {caught.value.reason}" in manifest.notes
        pytest.skip(caught.value.reason)
    if manifest.needs and saturates():
        pytest.skip(f"{target} needs {', '.join(manifest.needs)}: run on a processor that has it")
    error = float(abs(local.run(bundle, inputs).logits - expected).max())
    assert error <= TOLERANCES[precision] * float(np.ptp(expected))
    assert manifest.golden.max_abs == pytest.approx(error, abs=1e-4)
    assert manifest.evidence.reaches(targets()[target].evidence)


def test_smaller_precisions_make_smaller_artifacts(bundles, target, precision):
    size = {p: read_manifest(bundles.of(target, p)).size_bytes for p in ("fp32", precision)}
    shares = {"fp32": 1.0, "fp16": 0.6, "int8": 0.45, "dynamic": 1.0, "weight_only": 0.45}
    share = shares[precision]
    assert size[precision] <= share * size["fp32"]
