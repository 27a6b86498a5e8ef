"""Make the task and train the students: `python -m benchmarks students`.

No weights are fetched: every student is trained here, from nothing.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.pictures import read_pictures
from benchmarks.students import STUDENTS, Student, find_student, new_detector
from benchmarks.task import PAIRS, make_task
from benchmarks.training import METHOD, Progress, train
from edgekit.dataset import Dataset, open_dataset
from edgekit.decision import scores
from edgekit.detectors.detector import Detector, save_detector
from edgekit.detectors.score import score
from edgekit.distillation.distill import with_best_threshold
from edgekit.errors import EdgekitError
from edgekit.files import read_json, write_json
from edgekit.hashes import sha256_json, sha256_tree
from edgekit.metrics import plain

BUILD = Path("build/benchmarks")
_METRICS = ("auc", "ap", "accuracy")
_MEASURED = ("validation", "heldout", "test")
_SAY_EVERY = 20  # steps

Say = Callable[[str, int, int, float], None]


def main(arguments: list[str]) -> None:
    """Parse, make, print the records; leave with one line when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks students", description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder or zip; the sample's when left out")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help=", ".join(STUDENTS))
    parser.add_argument("--build", type=Path, default=BUILD)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)  # sums are done in the order of the threads
    try:
        chosen = [find_student(name) for name in options.only or STUDENTS]
        summary = make_students(chosen, options.build, options.photos, _say)
    except EdgekitError as error:
        sys.exit(str(error))
    print(json.dumps(summary, indent=2))


def _say(name: str, step: int, steps: int, loss: float) -> None:
    if step % _SAY_EVERY == 0 or step == steps:
        print(f"{name}: {step} of {steps}, loss {loss:.4f}", file=sys.stderr, flush=True)


def make_students(
    students: Iterable[Student],
    folder: Path = BUILD,
    photos: Path | None = None,
    say: Say | None = None,
    pairs: dict[str, int] = PAIRS,
) -> dict[str, Any]:
    """Make the task and the students; what is there already is not made again.

    Args:
        students: which ones, and how they are trained.
        folder: gets `data/`, `students/<name>/`, `students/<name>.json` and `students.json`.
        photos: a folder or a zip of photographs; the sample's own when None.
        say: called with a student's name, steps done, steps in all, and the last loss.
        pairs: see `make_task`.

    Returns:
        what `students.json` holds: the record of every student that is there, by name.

    Raises:
        InputError: when the photographs or a student's network cannot be used.
        OutputError: when the folder cannot be written.
    """
    data = make_task(folder / "data", photos, pairs=pairs)
    for student in students:
        _make(student, folder, data, partial(say, student.model) if say else None)
    summary = {path.stem: read_json(path) for path in sorted((folder / "students").glob("*.json"))}
    write_json(folder / "students.json", summary)
    return summary


def _make(student: Student, folder: Path, data: str, progress: Progress | None) -> None:
    """Train one student and save it, unless it is there, of the same recipe and pictures."""
    place = folder / "students" / student.model
    record = place.with_name(f"{student.model}.json")
    recipe = {"data": data, "method": METHOD, **asdict(student)}
    if _is_made(place, record, sha256_json(recipe)):
        return
    start = time.perf_counter()
    detector = new_detector(student)
    train(detector, student.recipe, read_pictures(folder / "data/train"), progress)
    seconds = time.perf_counter() - start
    detector = with_best_threshold(detector, _open(folder, "validation", detector))
    save_detector(detector, place)
    figures = {split: measure(detector, _open(folder, split, detector)) for split in _MEASURED}
    write_json(
        record,
        {
            "recipe": recipe,
            "recipe_sha256": sha256_json(recipe),
            "detector_sha256": sha256_tree(place),
            "train_s": seconds,
            "crops": student.recipe.crops,
            **figures,
        },
    )


def _is_made(place: Path, record: Path, recipe_sha256: str) -> bool:
    if not record.is_file() or not place.is_dir():
        return False
    found = read_json(record)
    return bool(
        found["recipe_sha256"] == recipe_sha256 and found["detector_sha256"] == sha256_tree(place)
    )


def _open(folder: Path, split: str, detector: Detector) -> Dataset:
    return open_dataset(folder / "data" / split, detector.signature)


def measure(detector: Detector, data: Dataset) -> dict[str, Any]:
    """Return AUC, average precision and accuracy, of all samples and of each slice.

    A slice is compared with all real pictures.
    """
    values = scores(score(detector, data), detector.signature)
    slices = np.array([sample.slice for sample in data.samples])
    real = ~data.positives

    def figures(chosen: NDArray[np.bool_]) -> dict[str, float]:
        rest = values[chosen], data.positives[chosen], detector.signature.threshold
        return {metric: plain(metric, *rest) for metric in _METRICS}

    names = sorted({sample.slice for sample in data.samples} - {""})
    each = {name: figures(real | (slices == name)) for name in names}
    return {"images": len(data), **figures(np.ones(len(data), np.bool_)), "slices": each}
