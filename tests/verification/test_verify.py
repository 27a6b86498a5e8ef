import numpy as np
import pytest

from edgekit.detectors.score import score
from edgekit.devices.device import RunnerResult
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import InputError, UnavailableError
from edgekit.manifest import NAME, read_manifest
from edgekit.verification.parity import Budget
from edgekit.verification.verify import refuse_other_student, verify_bundle

WIDE = Budget(auc=0.9, ap=0.9, accuracy=0.9, flips=0.9)


@pytest.fixture(scope="module")
def reference(student, data):
    return score(student, data)


@pytest.mark.parametrize("target", ["x86", "intel", "android", "jetson"])
def test_a_float_artifact_passes(bundles, target, reference, data):
    told = []
    result = verify_bundle(
        bundles.of(target, "fp32"), reference, data, WIDE, progress=lambda *step: told.append(step)
    )
    assert result.verdict == "pass"
    assert result.evidence == ("reference" if target == "jetson" else "host")
    assert (result.target, result.precision) == (target, "fp32")
    assert result.images == len(data)
    assert result.tensor.max_abs < 1e-3
    assert result.decision.flips.count == 0
    assert told[-1] == (len(data), len(data))


def test_an_artifact_of_other_decisions_fails(bundles, reference, data):
    strict = Budget(auc=0.001, ap=0.001, accuracy=0.001, flips=0.001)
    result = verify_bundle(bundles.of("x86", "fp32"), -reference, data, strict)
    assert result.verdict == "fail"


class Nan:
    """A device on which every logit is NaN."""

    name, settings = "nan", DeviceSettings(url="local")

    def __call__(self, bundle, inputs, request=None):
        logits = np.full((len(inputs["image"]), 2), np.nan, dtype=np.float32)
        return RunnerResult(logits, "a runtime", [], 1.0, 1.0, [], 1, 1)

    def evidence(self, target):
        return target.evidence


def test_an_artifact_that_gives_nan_fails(bundles, reference, data):
    result = verify_bundle(bundles.of("x86", "fp32"), reference, data, WIDE, Nan())
    assert result.verdict == "fail"


def test_a_runtime_that_is_not_here_is_told_apart(bundles, reference, data):
    with pytest.raises(UnavailableError):
        verify_bundle(bundles.of("iphone", "fp32"), reference, data, WIDE)


def test_a_changed_bundle_is_refused(bundles, reference, data, tmp_path):
    bundle = bundles.copy("x86", "fp32", tmp_path)
    text = (bundle / NAME).read_text()
    (bundle / NAME).write_text(text.replace('"threshold": 0.5', '"threshold": 0.6'))
    with pytest.raises(InputError, match="was edited"):
        verify_bundle(bundle, reference, data, WIDE)


def test_another_students_bundle_is_refused(bundles):
    bundle = bundles.of("x86", "fp32")
    manifest = read_manifest(bundle)
    refuse_other_student(manifest, bundle, "0" * 64)
    with pytest.raises(InputError, match="another student"):
        refuse_other_student(manifest, bundle, "1" * 64)
