"""Verdicts that are kept, and those that are not."""

import pytest

from edgekit.devices import runner
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.results.measurement import Measurement, measured
from edgekit.steps.noted import noted
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace, this_machine
from edgekit.verdict import Verdict
from tests.report.conftest import timed

PROJECT = """
[project]
name = "small"
[detector]
kind = "exported"
[data]
sample = 0
[targets.x86]
"""


@pytest.fixture
def space(tmp_path):
    (tmp_path / "edgekit.toml").write_text(PROJECT)
    return Workspace(open_project(tmp_path), Said())


class Said:
    """Hears what steps say when they end."""

    def __init__(self):
        self.lines = []

    def start(self, step):
        pass

    def done(self, step, detail, reused=False):
        self.lines.append((step, detail, reused))


def measurement(verdict="pass", **changes):
    """What bench says, without the time that it takes."""
    return Measurement.from_json({**timed(2.0), "verdict": verdict, **changes}, "bench.json")


def times(space, result, count=2, unsettled=(Verdict.FAIL, Verdict.INCONCLUSIVE)):
    """Note a result that often; return how often it was measured."""
    made = []

    def measure():
        made.append(result)
        if isinstance(result, EdgekitError):
            raise result
        return result

    for _ in range(count):
        path = space.project.output / "bundles" / "x86-int8"
        noted(space, "bench", path, {"settings": 1}, measure, measured, unsettled)
    return len(made)


@pytest.mark.parametrize(
    ("verdict", "often"), [("pass", 1), ("unavailable", 1), ("fail", 2), ("inconclusive", 2)]
)
def test_a_verdict_that_another_measurement_may_change_is_not_reused(space, verdict, often):
    assert times(space, measurement(verdict)) == often


def test_what_is_settled_is_reused_whatever_it_says(space):
    assert times(space, measurement("fail"), unsettled=()) == 1


def test_a_run_that_crashed_is_tried_again(space):
    assert times(space, EdgekitError("it crashed", "Try again")) == 2


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_a_result_that_was_damaged_is_measured_again(space, text):
    times(space, measurement(), count=1)
    (space.project.output / "results" / "x86-int8.bench.json").write_text(text)
    assert times(space, measurement(), count=1) == 1


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (measurement(), "pass"),
        (measurement("fail", reasons=["slower", "late"]), "fail: slower"),
        (UnavailableError("cannot run it: no Mac", "Get one"), "unavailable: no Mac"),
    ],
)
def test_a_steps_line_says_why(space, result, said):
    times(space, result, count=2, unsettled=())
    assert space.reporter.lines == [
        ("bench x86-int8", said, False),
        ("bench x86-int8", said, True),
    ]


def test_the_machine_is_its_processor_its_instruction_sets_and_the_runtime(monkeypatch):
    here = this_machine("litert")
    assert here == this_machine("litert")
    assert here["runtime"]["ai-edge-litert"]
    assert this_machine("onnxruntime")["runtime"].keys() == {"onnxruntime"}
    for name, other in (("_processor", "Other CPU"), ("_instruction_sets", ["SSE2"])):
        with monkeypatch.context() as patch:
            patch.setattr(runner, name, lambda other=other: other)
            assert this_machine("litert") != here
