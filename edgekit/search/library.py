"""A precision search without a project: for one bundle, nothing is kept."""

import tempfile
from pathlib import Path

from edgekit.dataset import Dataset
from edgekit.devices.device import Device, device_named
from edgekit.errors import InputError
from edgekit.exporters.recipe import Recipe
from edgekit.exporters.student import Student
from edgekit.performance.settings import BenchSettings
from edgekit.search.bench import open_bench
from edgekit.search.search import search
from edgekit.search.settings import SearchSettings
from edgekit.search.trial import Trials
from edgekit.target import Target
from edgekit.verification.parity import Budget


def search_recipe(
    student: Student,
    target: Target,
    heldout: Dataset | None,
    budget: Budget,
    device: str | Device,
) -> Recipe:
    """Return the Recipe of the fastest artifact inside the budget.

    Args:
        student: what artifacts are made from.
        target: for which device family.
        heldout: samples that decide.
        budget: what an artifact may lose.
        device: where candidates run.

    Raises:
        InputError: when nothing is held out, or no candidate is inside the budget.
    """
    if heldout is None:
        raise InputError("precision auto needs images that decide", "Name them with heldout")
    told = (heldout, budget, SearchSettings(), BenchSettings())
    with (
        tempfile.TemporaryDirectory(prefix="edgekit-") as scratch,
        open_bench(student, target, device_named(device), *told, Path(scratch)) as bench,
    ):
        found = search(bench, Trials(Path(scratch, "trials.jsonl")))
    if found.verdict != "pass":
        raise InputError(found.reason, "Widen the budget, or give more held-out images")
    return found.chosen.recipe
