"""What the float Detectors say of the test set."""

from pathlib import Path

import numpy as np

from edgekit.detectors.score import score
from edgekit.steps import data, detectors
from edgekit.steps.project import open_project
from edgekit.steps.scores import score_step, scored
from edgekit.steps.workspace import Workspace


def test_logits_and_signature_are_the_detectors_own(done_project: Path) -> None:
    space = Workspace(open_project(done_project))
    for role in ("teacher", "student"):
        found, detector = scored(space, role), detectors.detector_of(space, role)
        assert found.signature == detector.signature
        expected = score(detector, data.split(space, "test", detector.signature))
        np.testing.assert_allclose(found.logits, expected, atol=1e-5)


def test_a_damaged_scoring_is_made_again(done_project: Path) -> None:
    path = done_project / "build" / "scores" / "student" / "logits.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    space = Workspace(open_project(done_project))
    assert scored(space, "student").logits.shape == (48, 2)
    assert path.read_bytes() == whole


def test_teacher_and_student_are_scored_apart(done_project: Path) -> None:
    space = Workspace(open_project(done_project))
    steps = [score_step(space, role) for role in ("teacher", "student")]
    assert [step.name for step in steps] == ["score teacher", "score student"]
    assert steps[0].output != steps[1].output
    assert [each.name for each in steps[1].before] == ["distill"]
    assert steps[0].before == ()
