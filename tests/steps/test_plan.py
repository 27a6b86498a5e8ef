"""What is said about steps that have not been done."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.steps.plan import Plan, Planned
from edgekit.steps.reason import Reason
from edgekit.steps.step import Input, Step
from edgekit.steps.workspace import Workspace

NOTHING = "nothing is there yet"
OPEN = Callable[..., Workspace]


def chain(space: Workspace, **settings: int) -> tuple[Step, Step]:
    """Declare two steps, the second of which reads what the first leaves."""

    def make(path: Path) -> Callable[[], str]:
        return lambda: str(path.write_text(path.name))

    space.project.output.mkdir(exist_ok=True)
    outputs = [space.project.output / name for name in ("one.txt", "two.txt")]
    first = Step("one", outputs[0], ("edgekit.hashes",), make(outputs[0]), settings=settings)
    inputs = {"one": space.left_by(first)}
    return first, Step("two", outputs[1], ("edgekit.hashes",), make(outputs[1]), inputs)


def planned(space: Workspace, step: Step) -> list[tuple[str, str, list[str]]]:
    plan = Plan(space)
    plan.look(step)
    found = plan.planned.values()
    return [(each.step, each.action, [str(why) for why in each.reasons]) for each in found]


def test_what_is_not_there_is_done_in_the_order_of_the_run(space: Workspace) -> None:
    assert planned(space, chain(space)[1]) == [
        ("one", "do", [NOTHING]),
        ("two", "do", ["follows from one", NOTHING]),
    ]


def test_what_is_there_is_reused(folder: Path, open_space: OPEN) -> None:
    space = open_space(folder)
    space.made(chain(space)[1])
    space = open_space(folder)
    assert planned(space, chain(space)[1]) == [("one", "reuse", []), ("two", "reuse", [])]


def test_what_follows_is_open_until_the_earlier_step_is_done(
    folder: Path, open_space: OPEN
) -> None:
    space = open_space(folder)
    space.made(chain(space)[1])
    space = open_space(folder)
    step = chain(space, epochs=2)[1]
    assert planned(space, step) == [
        ("one", "do", ["setting epochs was missing and is 2"]),
        ("two", "open", ["follows from one"]),
    ]
    space.made(step)
    assert [name for name, _, reused in space.reporter.lines if not reused] == ["one"]


def test_only_the_nearest_of_the_earlier_steps_are_named(space: Workspace) -> None:
    first, second = chain(space)
    both = {"one": space.left_by(first), "two": space.left_by(second)}
    third = Step("three", space.project.output / "three.txt", (), str, both)
    assert planned(space, third)[2] == ("three", "do", ["follows from two", NOTHING])


def test_what_decides_whether_a_step_is_needed_is_named(space: Workspace) -> None:
    _, second = chain(space)
    plan = Plan(space)
    judged = plan.look(Step("judge", space.project.output / "judge", (), str))
    assert plan.look(second, judged).action == "open"
    assert plan.planned["one"].reasons[0] == Reason("step", "judge")


def test_a_check_that_can_be_made_is_made(space: Workspace) -> None:
    def refuse() -> None:
        raise InputError("it is wrong", "Right it")

    output = space.project.output / "x"
    with pytest.raises(InputError):
        Plan(space).look(Step("x", output, (), str, checks=(refuse,)))
    later = {"a": Input(lambda: "", chain(space)[0])}
    Plan(space).look(Step("x", output, (), str, later, checks=(refuse,)))


def test_a_line_looks_like_that_of_a_step_that_ended() -> None:
    reasons = (Reason("step", "distill"), Reason("output", "nothing is there yet"))
    assert Planned("calibrate", "do", reasons).line() == (
        f"{'calibrate':<24}     done  follows from distill; nothing is there yet"
    )
    assert Planned("calibrate", "reuse").line() == f"{'calibrate':<24}   reused"
    assert Planned("calibrate", "do", reasons).to_json()["reasons"][0]["name"] == "distill"
