import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.signature import Input, Signature
from edgekit.verification.classes import class_agreement, class_flip_figure, classes_of
from edgekit.verification.parity import Budget, decision_parity

LABELS = np.array([0, 1, 2, 2])
LOGITS = np.eye(3)[LABELS] * 4.0
SIGNATURE = Signature(
    inputs=(Input(name="x", shape=(1, 2), layout="ANY"),),
    classes=("live", "print", "screen"),
    positive="screen",
)


def against(other, labels=LABELS, logits=LOGITS):
    return classes_of(logits, other, labels, SIGNATURE)


def test_two_classes_have_no_figures_of_their_own():
    assert classes_of(LOGITS[:, :2], LOGITS[:, :2], LABELS, SIGNATURE) is None
    assert class_agreement(None) is None


def test_the_largest_logit_decides():
    other = LOGITS.copy()
    other[3] = [9.0, 0.0, 0.0]
    found = class_agreement(against(other)).to_json()
    assert found["accuracy"] == {"reference": 1.0, "artifact": 0.75}
    # One of class 2 is now called class 0, so that it is missed as class 2 too.
    assert found["collapsed"] == {"reference": 1.0, "artifact": 0.75}
    assert (found["changed"]["count"], found["changed"]["rate"]) == (1, 0.25)
    assert found["mcnemar_p"] == pytest.approx(1.0)
    assert found["by_class"]["screen"] == {
        "images": 2,
        "recall": {"reference": 1.0, "artifact": 0.5},
        "changed": 1,
    }
    assert found["by_class"]["live"]["recall"] == {"reference": 1.0, "artifact": 1.0}
    assert found["confusion"] == [{"from": "screen", "to": "live", "count": 1}]


def test_what_is_not_finite_has_no_class_and_fails():
    broken = LOGITS.copy()
    broken[0, 0] = np.nan
    assert class_agreement(against(broken)) is None
    assert class_flip_figure(against(broken), 1.0).verdict == "fail"


def test_a_mistake_between_the_other_classes_is_none_once_they_are_one():
    other = LOGITS.copy()
    other[0] = [0.0, 9.0, 0.0]
    found = class_agreement(against(other))
    assert found.accuracy.artifact == 0.75
    assert found.collapsed.artifact == 1.0


def test_a_class_without_an_image_has_no_recall():
    labels = np.array([0, 1, 0, 1])
    found = class_agreement(against(LOGITS, labels)).by_class["screen"]
    assert (found.images, found.changed) == (0, 0)
    assert (found.recall.reference, found.recall.artifact) == (None, None)


@given(st.integers(0, 300))
def test_class_flips_are_judged_by_their_exact_interval(changed):
    labels = np.arange(300) % 3
    logits = np.eye(3)[labels] * 4.0
    other = logits.copy()
    other[:changed] = np.roll(other[:changed], 1, axis=1)
    figure = class_flip_figure(against(other, labels, logits), 0.03)
    assert figure.count == changed
    low, high = figure.interval
    assert figure.verdict == ("pass" if high <= 0.03 else "fail" if low > 0.03 else "inconclusive")


def test_classes_that_change_fail_where_no_decision_flips():
    """Live and print change places: the score of screen, and with it every flip, stays."""
    labels = np.arange(90) % 3
    logits = np.eye(3)[labels] * 4.0
    other = logits.copy()
    other[:27] = other[:27][:, [1, 0, 2]]
    scores = np.where(labels == 2, 0.9, 0.1)
    run = (scores, scores, labels == 2, [""] * 90, 0.5)
    blind = decision_parity(*run, Budget())
    assert blind.decision.flips.verdict != "fail"
    assert blind.decision.class_flips is None
    parity = decision_parity(*run, Budget(), classes=against(other, labels, logits))
    assert parity.verdict == "fail"
    assert parity.failures[0].startswith("class flips: 18 images, 20.00%")
