import numpy as np
import pytest

from edgekit.verify.classes import class_figures

LABELS = np.array([0, 1, 2, 2])
LOGITS = np.eye(3)[LABELS] * 4.0


def test_two_classes_have_no_figures_of_their_own():
    assert class_figures(LOGITS[:, :2], LOGITS[:, :2], LABELS, 1) is None


def test_the_largest_logit_decides():
    other = LOGITS.copy()
    other[3] = [9.0, 0.0, 0.0]
    found = class_figures(LOGITS, other, LABELS, 2)
    assert found["accuracy"] == {"reference": 1.0, "artifact": 0.75}
    # One of class 2 is now called class 0, so that it is missed as class 2 too.
    assert found["collapsed"] == {"reference": 1.0, "artifact": 0.75}
    assert (found["changed"]["count"], found["changed"]["rate"]) == (1, 0.25)
    assert found["mcnemar_p"] == pytest.approx(1.0)


def test_what_is_not_finite_has_no_class():
    broken = LOGITS.copy()
    broken[0, 0] = np.nan
    assert class_figures(LOGITS, broken, LABELS, 1) is None


def test_a_mistake_between_the_other_classes_is_none_once_they_are_one():
    other = LOGITS.copy()
    other[0] = [0.0, 9.0, 0.0]
    found = class_figures(LOGITS, other, LABELS, 2)
    assert found["accuracy"]["artifact"] == 0.75
    assert found["collapsed"]["artifact"] == 1.0
