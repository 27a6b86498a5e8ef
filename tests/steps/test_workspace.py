"""Steps are done once for the same inputs, and never on stale ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edgekit.errors import InputError
from edgekit.files import read_json
from edgekit.steps.step import Input, Step
from edgekit.steps.workspace import Workspace

Open = Callable[..., Workspace]


class Counter:
    """A step that counts how often it is really done, each time in a new process."""

    def __init__(self, folder: Path, open_space: Open) -> None:
        self.folder, self.open, self.count = folder, open_space, 0
        self.output = folder / "build" / "thing.txt"

    def step(self, text: str = "made", **given: Any) -> Step:
        def make() -> str:
            self.count += 1
            self.output.parent.mkdir(exist_ok=True)
            self.output.write_text(text)
            return "a thing"

        return Step("thing", self.output, ("edgekit.hashes",), make, **given)

    def __call__(self, force: str | None = None, **given: Any) -> Workspace:
        space = self.open(self.folder)
        space.force = force
        space.made(self.step(**given))
        return space


@pytest.fixture
def counter(folder: Path, open_space: Open) -> Counter:
    return Counter(folder, open_space)


def test_the_same_settings_are_worked_on_once(counter: Counter) -> None:
    said = [counter(settings={"a": 1}).reporter.lines for _ in range(2)]
    assert counter.count == 1
    assert said == [[("thing", "a thing", False)], [("thing", "a thing", True)]]


@pytest.mark.parametrize("part", ["settings", "inputs"])
def test_what_changed_is_worked_on_again(counter: Counter, part: str) -> None:
    for value in ("a", "b", "b"):
        counter(**{part: {"x": Input(lambda value=value: value) if part == "inputs" else value}})
    assert counter.count == 2


@pytest.mark.parametrize("damage", ["edit", "remove", "cut short", "other version", "other kind"])
def test_what_was_damaged_is_made_again_quietly(counter: Counter, damage: str) -> None:
    counter()
    record = counter.folder / "build" / ".steps" / "thing.json"
    if damage == "edit":
        counter.output.write_text("edited")
    elif damage == "remove":
        counter.output.unlink()
    else:
        old = {"key": "0" * 64, "output": "0" * 64, "detail": "of an older edgekit"}
        texts = {"cut short": record.read_text()[:40], "other kind": "[]"}
        record.write_text(texts.get(damage, str(old).replace("'", '"')))
    assert counter().reporter.lines == [("thing", "a thing", False)]
    assert counter.output.read_text() == "made"
    counter()
    assert counter.count == 2


@pytest.mark.parametrize(("force", "count"), [("", 2), ("thi", 2), ("other", 1), (None, 1)])
def test_only_what_is_forced_is_done_again(counter: Counter, force: str | None, count: int) -> None:
    counter()
    counter(force=force)
    assert counter.count == count


def test_a_step_that_fails_leaves_no_record(counter: Counter) -> None:
    def fail() -> str:
        raise InputError("it is wrong", "Right it")

    space = counter.open(counter.folder)
    with pytest.raises(InputError):
        space.made(Step("thing", counter.output, (), fail))
    assert not list(counter.folder.rglob("thing.json"))


def test_a_check_comes_before_any_work(counter: Counter) -> None:
    def refuse() -> None:
        raise InputError("it is wrong", "Right it")

    with pytest.raises(InputError):
        counter(checks=(refuse,))
    assert counter.count == 0


def test_what_a_step_reads_is_made_first_and_only_once(counter: Counter, folder: Path) -> None:
    space = counter.open(folder)
    first, output = counter.step(), folder / "build" / "second.txt"

    def copy() -> str:
        output.write_text(first.output.read_text())
        return "a copy"

    second = Step("second", output, ("edgekit.hashes",), copy, {"it": space.left_by(first)})
    assert space.made(second).read_text() == "made"
    space.made(first)
    assert [name for name, _, _ in space.reporter.lines] == ["thing", "second"]


def test_a_step_whose_input_came_out_the_same_is_reused(counter: Counter, folder: Path) -> None:
    def both(text: str, version: int) -> list[str]:
        space = counter.open(folder)
        first = counter.step(text, settings={"version": version})
        output = folder / "build" / "second.txt"
        again = {"it": space.left_by(first)}
        space.made(Step("second", output, (), lambda: str(output.write_text("2")), again))
        return [name for name, _, reused in space.reporter.lines if not reused]

    assert both("made", 1) == ["thing", "second"]
    assert both("made", 2) == ["thing"]
    assert both("other", 3) == ["thing", "second"]


def test_a_verdict_that_may_change_is_asked_for_again(counter: Counter) -> None:
    counter()
    counter(unsettled=lambda: "it failed")
    assert counter.count == 2


def test_the_record_tells_the_parts_of_the_key(counter: Counter) -> None:
    counter(settings={"budget": {"auc": 0.1}}, runner="onnxruntime")
    key = read_json(counter.folder / "build" / ".steps" / "thing.json")["key"]
    assert key["setting"] == {"budget.auc": 0.1}
    assert "edgekit.hashes" in key["code"]
    assert key["machine"].keys() >= {"processor", "instruction_sets", "runtime"}
