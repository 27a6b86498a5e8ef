import pytest
import timm

from benchmarks.students import STUDENTS, find_student, new_detector
from edgekit.detectors.detector import check_outputs
from edgekit.errors import InputError


@pytest.mark.parametrize("name", STUDENTS)
def test_a_student_takes_pictures_without_resampling_and_tells_real_from_fake(name):
    student = STUDENTS[name]
    detector = check_outputs(new_detector(student), name)
    rule = detector.signature.inputs[0].preprocessing
    assert (rule.size, rule.resize) == ((student.size, student.size), "none")
    config = timm.get_pretrained_cfg(name)
    assert (rule.mean, rule.std) == (config.mean, config.std)
    assert (detector.signature.classes, detector.signature.positive) == (("real", "fake"), "fake")


@pytest.mark.parametrize("name", STUDENTS)
def test_training_ends_at_the_size_that_is_scored_or_below(name):
    sides = [stage.side for stage in STUDENTS[name].recipe.stages]
    assert sides == sorted(sides)
    assert sides[-1] <= STUDENTS[name].size


def test_an_unknown_student_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match=r"student 'repvit' is unknown. Did you mean repvit_m0_9"):
        find_student("repvit")
