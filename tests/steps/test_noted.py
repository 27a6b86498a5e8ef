"""Verdicts that are kept, and those that are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgekit.errors import EdgekitError, UnavailableError
from edgekit.results.measurement import Measurement, measured
from edgekit.steps.noted import noted, noted_verdict, verdict_step
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named
from edgekit.verdict import Verdict
from tests.report.conftest import timed

OPEN = Callable[..., Workspace]


def measurement(verdict: str = "pass", **changes: Any) -> Measurement:
    """Return what bench says, without the time that it takes."""
    return Measurement.from_json({**timed(2.0), "verdict": verdict, **changes}, "bench.json")


def times(
    open_space: OPEN,
    folder: Path,
    result: Any,
    count: int = 2,
    unsettled: tuple[Verdict, ...] = (Verdict.FAIL, Verdict.INCONCLUSIVE),
) -> tuple[int, list[tuple[str, str, bool]]]:
    """Note a result in that many processes; return how often it was measured and what was said."""
    made, said = [], []

    def measure() -> Measurement:
        made.append(result)
        if isinstance(result, EdgekitError):
            raise result
        return result

    for _ in range(count):
        space, target = open_space(folder), target_named("x86")
        entries, settings = ("edgekit.performance.ratio",), {"pairs": 1}
        step = verdict_step(
            space, "bench x86-int8", target, entries, measure, {}, settings, unsettled
        )
        noted(space, step, measured)
        said += space.reporter.lines
    return len(made), said


@pytest.mark.parametrize(
    ("verdict", "often"), [("pass", 1), ("unavailable", 1), ("fail", 2), ("inconclusive", 2)]
)
def test_a_verdict_that_another_measurement_may_change_is_not_reused(
    open_space: OPEN, folder: Path, verdict: str, often: int
) -> None:
    assert times(open_space, folder, measurement(verdict))[0] == often


def test_what_is_settled_is_reused_whatever_it_says(open_space: OPEN, folder: Path) -> None:
    assert times(open_space, folder, measurement("fail"), unsettled=())[0] == 1


def test_a_run_that_crashed_is_tried_again(open_space: OPEN, folder: Path) -> None:
    assert times(open_space, folder, EdgekitError("it crashed", "Try again"))[0] == 2


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"verdict": "pa'])
def test_a_result_that_was_damaged_is_measured_again(
    open_space: OPEN, folder: Path, text: str
) -> None:
    times(open_space, folder, measurement(), count=1)
    path = folder / "build" / "results" / "x86-int8.bench.json"
    whole = path.read_text()
    path.write_text(text)
    assert noted_verdict(path) in (None, "None")
    assert times(open_space, folder, measurement(), count=1)[0] == 1
    assert path.read_text() == whole


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (measurement(), "pass"),
        (measurement("fail", reasons=["slower", "late"]), "fail: slower"),
        (UnavailableError("cannot run it: no Mac", "Get one"), "unavailable: no Mac"),
    ],
)
def test_a_steps_line_says_why(open_space: OPEN, folder: Path, result: Any, said: str) -> None:
    assert times(open_space, folder, result, unsettled=())[1] == [
        ("bench x86-int8", said, False),
        ("bench x86-int8", said, True),
    ]
