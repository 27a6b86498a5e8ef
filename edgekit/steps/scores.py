"""The float Detectors' logits on the test set: what artifacts are held against."""

from pathlib import Path

import numpy as np

from edgekit.files import read_json, save_array, whole_folder, write_json
from edgekit.scored import Scored
from edgekit.signature import Signature
from edgekit.steps.data import split
from edgekit.steps.detectors import Role, detector_input, detector_of
from edgekit.steps.loading import LOADER
from edgekit.steps.splits import split_input
from edgekit.steps.step import Step
from edgekit.steps.workspace import Workspace


def score_step(space: Workspace, role: Role) -> Step:
    """Declare the scoring, which leaves logits and Signature: both are read without torch."""
    folder = space.project.output / "scores" / role

    def make() -> str:
        from edgekit.detectors.score import score

        detector = detector_of(space, role)
        samples = split(space, "test", detector.signature)
        logits = score(detector, samples, space.reporter.advance)
        with whole_folder(folder) as work:
            save_array(work / "logits.npy", logits)
            write_json(work / "signature.json", detector.signature.to_json())
        return f"{len(samples)} test images"

    inputs = {"detector": detector_input(space, role), "test": split_input(space, "test")}
    entries = ("edgekit.detectors.score", LOADER)
    return Step(f"score {role}", folder, entries, make, inputs)


def scored(space: Workspace, role: Role) -> Scored:
    """Return what a float Detector says of the test set, scored unless that is done."""
    folder = space.made(score_step(space, role))
    logits = np.load(folder / "logits.npy", allow_pickle=False)
    return Scored(signature_in(folder), logits)


def signature_in(folder: Path) -> Signature:
    """Read the Signature that a scoring left."""
    path = folder / "signature.json"
    return Signature.parse(read_json(path), path)
