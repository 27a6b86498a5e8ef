"""Search the precision, ship what was found, and bench that, again and again on a busy machine.

    python -m benchmarks shipped [--project DIR] [--times N] [--busy N] [--target NAME] [--out FILE]

What the search ships must never fail `edgekit bench` on the same machine: both time by one rule.
Nothing is kept from one time to the next, so that each search is a search. `--busy` processes that
compute without a pause keep the machine from being calm.
"""

import argparse
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgekit.files import read_json, write_json
from edgekit.machine import machine


def once(project: Path, target: str, folder: Path) -> dict[str, Any]:
    """Search, export, bench once, each as a notebook would.

    Args:
        project: a project's folder, whose student is there.
        target: for which device family.
        folder: for bundles and trials.

    Returns:
        what was shipped, the search's ratio of latency over fp32 and bench's, and bench's verdict.
    """
    import edgekit
    from edgekit.search.library import search_recipe
    from edgekit.steps import calibrate, data
    from edgekit.steps.project import open_project
    from edgekit.steps.workspace import Workspace
    from edgekit.target import target_named

    space = Workspace(open_project(project))
    student, settings = calibrate.student(space), space.project.settings
    heldout = data.split(space, "validation", student.detector.signature)
    given = (student, target_named(target), heldout, settings.budget, "local")
    found = search_recipe(*given, settings.search, settings.bench)
    chosen, searched = found.chosen, found.result(settings.budget.auc, "local")
    shipped = edgekit.export(student, target, "auto", folder / "auto", searched=searched)
    fp32 = edgekit.export(student, target, "fp32", folder / "fp32")
    measured = edgekit.bench(shipped, fp32, settings.bench)
    assert measured.against is not None
    return {
        "shipped": chosen.recipe.name,
        "searched": [chosen.ratio, chosen.ci95],
        "benched": [measured.against.ratio.value, measured.against.ratio.interval],
        "load": measured.environment["load_average"],
        "verdict": str(measured.verdict),
    }


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep processes computing while the block runs."""
    workers = [multiprocessing.Process(target=_compute, daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()
    yield
    for worker in workers:
        worker.kill()


def _compute() -> None:
    while True:
        sum(value * value for value in range(100_000))


def main(arguments: list[str]) -> None:
    """Parse, do it that often, keep what is done after each, print one line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks shipped")
    parser.add_argument("--project", type=Path, default=Path("demo"))
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--busy", type=int, default=1)
    parser.add_argument("--target", default="x86")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args(arguments)
    found: dict[str, Any] = read_json(options.out) if options.out.exists() else {}
    rows: list[dict[str, Any]] = []
    with busy(options.busy):
        for _ in range(options.times):
            with tempfile.TemporaryDirectory(prefix="edgekit-benchmark-") as folder:
                rows.append(once(options.project, options.target, Path(folder)))
            about = {"machine": machine().to_json(), "busy": options.busy, "rows": rows}
            write_json(options.out, {**found, options.target: about})
            print(len(rows), rows[-1], flush=True)
    print(dict(Counter(row["verdict"] for row in rows)))
