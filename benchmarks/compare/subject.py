"""One student's task on the disk: made when it is not there, or not for this student and data."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import Task, read_task
from benchmarks.peers.watch import ROOT, run
from edgekit.errors import EdgekitError, InputError
from edgekit.files import read_json, write_json
from edgekit.hashes import sha256_json, sha256_tree
from edgekit.signature import Signature
from edgekit.steps.key import code_of

TIMEOUT = 1800.0
_CODE = ("edgekit.exporters.bundle", "edgekit.calibration.observe", "edgekit.detectors.registry")


@dataclass(frozen=True)
class Limits:
    """How many images at most; None for all of the split.

    Attributes:
        calibration: that peers may calibrate with.
        test: that decisions are compared on.
    """

    calibration: int | None = None
    test: int | None = None


@dataclass(frozen=True)
class Subject:
    """A student with everything that its artifacts are measured by.

    Attributes:
        folder: holds `task.json`, the float models and the images.
        key: hash of the student and the test images.
        task: what peers get.
        signature: of the student.
        positives: bool [N], which test images are of the positive class.
        slices: N names.
        reference: logits of the float Detector on the test images, float32 [N, C].
    """

    folder: Path
    key: str
    task: Task
    signature: Signature
    positives: NDArray[np.bool_]
    slices: tuple[str, ...]
    reference: NDArray[np.float32]

    @property
    def images(self) -> Path:
        """The test images, a `.npy` file, float32 [N, 3, H, W]."""
        return self.folder / "test.npy"


def open_subject(
    student: Path, data: Path, folder: Path, limits: Limits, runtimes: Sequence[str]
) -> Subject:
    """Make the student's task unless it is there, and read it.

    Args:
        student: folder of the trained Detector.
        data: holds the splits `calibration` and `test`.
        folder: of all that is made for this student.
        limits: how many images.
        runtimes: float models are made for these.

    Raises:
        InputError: when there is no such student or no data.
        EdgekitError: when the student cannot be prepared.
    """
    _check(student, data)
    images = sha256_json([*map(sha256_tree, (student, data / "test")), limits.test])
    key = _key(student, data, limits)
    place = folder / "-".join(("task", *sorted(runtimes)))
    if not (place / "key.json").is_file() or read_json(place / "key.json") != key:
        _prepare(student, data, place, limits, runtimes)
        write_json(place / "key.json", key)
    test = read_json(place / "test.json")
    return Subject(
        place,
        images,
        read_task(place / "task.json"),
        Signature.parse(test["signature"], place / "test.json"),
        np.array(test["positives"]),
        tuple(test["slices"]),
        np.load(place / "reference.npy", allow_pickle=False),
    )


def _check(student: Path, data: Path) -> None:
    fix = "Make it with python -m benchmarks students"
    if not (student / "detector.json").is_file():
        raise InputError(f"{student} holds no trained student", fix)
    for split in ("calibration", "test"):
        if not (data / split).is_dir():
            raise InputError(f"{data} has no folder {split}", fix)


def _key(student: Path, data: Path, limits: Limits) -> str:
    """Name all that the task is made from."""
    own = ROOT / "benchmarks" / "peers" / "prepare.py"
    sources = (student, data / "calibration", data / "test", own)
    return sha256_json([*map(sha256_tree, sources), dict(code_of(_CODE).files), str(limits)])


def _prepare(
    student: Path, data: Path, place: Path, limits: Limits, runtimes: Sequence[str]
) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / "key.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.peers.prepare", str(student), str(data)]
    command += [str(place), *runtimes]
    for name, limit in (("--calibration", limits.calibration), ("--test", limits.test)):
        command += [name, str(limit)] if limit is not None else []
    ended = run(command, place / "log.txt", TIMEOUT)
    if ended.fault:
        raise EdgekitError(
            f"cannot prepare {student.name}: {ended.fault}", f"See {place / 'log.txt'}"
        )
