"""Damage in real artifacts, called by its name; whole ones have no cause."""

import pytest

from benchmarks.faults.damaged import damaged
from edgekit.detectors.score import score
from edgekit.verification.causes.find import Suspect, find_cause
from edgekit.verification.parity import Budget
from edgekit.verification.verify import explained, verify_bundle

WIDE = Budget(auc=0.9, ap=0.9, accuracy=0.9, flips=0.9)
# Quick ones here; `python -m benchmarks faults` plants every kind in every runtime.
KINDS = (
    "sign of the weights flipped", "scores moved", "labels in another order", "BGR for RGB",
    "stale threshold",
)  # fmt: skip


@pytest.mark.parametrize("target", ["x86", pytest.param("android", marks=pytest.mark.slow)])
def test_damage_fails_and_is_named(target, bundles, made, student, data, tmp_path):
    reference, tried = score(student, data), []
    for name, bundle, named in damaged(bundles.of(target, "int8"), made, tmp_path):
        if name not in KINDS:
            continue
        plain = verify_bundle(bundle, reference, data, WIDE, student=student.signature)
        found = explained(bundle, made, plain)
        assert found.verdict == "fail", name
        assert named(found.cause.to_json()), (name, found.cause)
        tried.append(name)
    assert set(tried) == set(KINDS)


@pytest.mark.parametrize(("target", "precision"), [("x86", "int8"), ("android", "fp32")])
def test_a_whole_artifact_has_no_cause(target, precision, bundles, made, student, data):
    bundle = bundles.of(target, precision)
    result = verify_bundle(bundle, score(student, data), data, WIDE)
    found = explained(bundle, made, result)
    assert found.verdict == result.verdict != "fail"
    assert found.cause is None


def test_a_failure_without_a_known_cause_says_so(bundles, made, student, data):
    bundle = bundles.of("x86", "fp32")
    strict = Budget(auc=0.001, ap=0.001, accuracy=0.001, flips=0.001)
    result = verify_bundle(bundle, -score(student, data), data, strict)
    assert result.verdict == "fail"
    found = find_cause(Suspect(bundle, made, result, "local"))
    assert found is not None
    assert found.kind in ("unknown", "threshold")
