"""A step as it is declared."""

from pathlib import Path

from edgekit.hashes import sha256_json
from edgekit.steps.step import Input, Step


def step(name: str, **inputs: Input) -> Step:
    return Step(name, Path(name), (), lambda: "", inputs)


def test_the_steps_before_it_are_those_that_make_what_it_reads() -> None:
    first, second = step("first"), step("second")
    given = Input(lambda: "of the user's")
    both = [Input(lambda: "a", first), Input(lambda: "b", second), Input(lambda: "c", first)]
    third = step("third", x=both[0], y=given, z=both[1], again=both[2])
    assert [each.name for each in third.before] == ["first", "second"]
    assert first.before == ()


def test_its_own_files_are_where_it_is_declared_and_what_it_calls() -> None:
    made = Step("made", Path("made"), (), lambda: "", calls=(sha256_json,))
    assert made.own == (__name__, "edgekit.hashes")
