"""A precision search from its beginning to its end."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from edgekit.dataset import Dataset
from edgekit.devices.device import Device, device_named
from edgekit.exporters.student import Student
from edgekit.performance.settings import BenchSettings
from edgekit.search.bench import open_bench
from edgekit.search.choose import Found
from edgekit.search.search import search
from edgekit.search.settings import SearchSettings
from edgekit.search.trial import Trial, Trials
from edgekit.target import Target
from edgekit.verification.parity import Budget


def search_recipe(
    student: Student,
    target: Target,
    heldout: Dataset,
    budget: Budget,
    device: str | Device,
    settings: SearchSettings | None = None,
    timing: BenchSettings | None = None,
    folder: Path | None = None,
    report: Callable[[Trial, bool], None] | None = None,
) -> Found:
    """Find the Recipe of the fastest artifact inside the budget.

    Args:
        student: what artifacts are made from.
        target: for which device family.
        heldout: samples that decide.
        budget: what an artifact may lose.
        device: where candidates run.
        settings: how long and how carefully to search.
        timing: how a shipped artifact's latency is judged.
        folder: where trials stay, so that a killed search carries on; nothing stays when left out.
        report: hears of each trial, and whether it was made before.
    """
    told = (settings or SearchSettings(), timing or BenchSettings())
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgekit-")))
        bench = open_bench(student, target, device_named(device), heldout, budget, *told, folder)
        return search(stack.enter_context(bench), Trials(folder / "trials.jsonl"), report)
