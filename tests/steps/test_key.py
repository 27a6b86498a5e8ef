"""The parts of a step's key, and what is said about a change in each."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.steps.key import PARTS, changes, key_of, this_edgekit
from edgekit.steps.step import Input, Step

NAMES = st.text("abc", min_size=1, max_size=2)
VALUES = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
KEYS = st.fixed_dictionaries({part: st.dictionaries(NAMES, VALUES) for part in PARTS})


def step(**given: Any) -> Step:
    return Step("thing", Path("thing"), ("edgekit.detectors.score",), str, **given)


def test_a_key_holds_the_code_its_packages_and_the_declaring_file() -> None:
    key = key_of(step(calls=(key_of,)), this_edgekit())
    assert {"edgekit.detectors.score", "edgekit.dataset", "edgekit.steps.key"} <= key["code"].keys()
    assert "edgekit.verification.verify" not in key["code"]
    assert key["package"]["numpy"]
    assert key["machine"] == {}


def test_settings_are_named_by_their_whole_path() -> None:
    settings = {"budget": {"auc": 0.1, "slices": {}}, "classes": ("a", "b")}
    key = key_of(step(settings=settings), this_edgekit())
    assert key["setting"] == {"budget.auc": 0.1, "budget.slices": {}, "classes": ["a", "b"]}


def test_inputs_that_are_not_there_yet_are_not_asked_for() -> None:
    def absent() -> str:
        raise AssertionError

    inputs = {"here": Input(lambda: "a"), "later": Input(absent)}
    assert key_of(step(inputs=inputs), this_edgekit(), ["later"])["input"] == {"here": "a"}


@given(KEYS)
def test_a_key_does_not_differ_from_itself(key: dict[str, dict[str, Any]]) -> None:
    assert changes(key, key) == []


@given(KEYS, KEYS)
def test_every_difference_is_named_once_and_both_ways_alike(
    one: dict[str, dict[str, Any]], other: dict[str, dict[str, Any]]
) -> None:
    found = {(reason.kind, reason.name) for reason in changes(one, other)}
    assert found == {(reason.kind, reason.name) for reason in changes(other, one)}
    assert found == {
        (part, name)
        for part in PARTS
        for name in one[part].keys() | other[part].keys()
        if one[part].get(name) != other[part].get(name)
    }


@pytest.mark.parametrize("pending", [(), ("a",)])
def test_of_a_pending_input_nothing_is_said(pending: tuple[str, ...]) -> None:
    one = {part: {"a": 1} if part == "input" else {} for part in PARTS}
    other = {part: {} for part in PARTS}
    assert len(changes(one, other, pending)) == (0 if pending else 1)
