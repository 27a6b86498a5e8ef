"""What a person is told about why a step is done."""

from typing import Any

import pytest

from edgekit.steps.reason import Kind, Reason, in_one_line


@pytest.mark.parametrize(
    ("kind", "name", "before", "after", "said"),
    [
        ("input", "student", "00ff", "ff00", "input student has changed"),
        ("setting", "budget.auc", 0.1, 0.2, "setting budget.auc was 0.1 and is 0.2"),
        ("setting", "classes", ["a"], ["b"], "setting classes has changed"),
        ("setting", "checkpoint", None, "w.pt", "setting checkpoint was missing and is w.pt"),
        ("setting", "name", "", "x", 'setting name was "" and is x'),
        ("code", "edgekit.decision", "00", "ff", "edgekit.decision has changed"),
        ("package", "torch", "2.8", "2.9", "torch was 2.8 and is 2.9"),
        ("package", "tensorrt-rtx", None, "1.2", "tensorrt-rtx was missing and is 1.2"),
        ("machine", "processor", "A", "B", "machine processor was A and is B"),
        ("step", "distill", None, None, "follows from distill"),
        ("output", "what it left is gone", None, None, "what it left is gone"),
        ("asked", "--force asks for it", None, None, "--force asks for it"),
    ],
)
def test_a_reason_is_a_sentence(kind: Kind, name: str, before: Any, after: Any, said: str) -> None:
    reason = Reason(kind, name, before, after)
    assert str(reason) == said
    assert reason.to_json() == {
        "kind": kind, "name": name, "before": before, "after": after, "text": said
    }  # fmt: skip


def test_a_line_holds_the_first_reasons_and_counts_the_others() -> None:
    code = tuple(Reason("code", f"edgekit.{name}") for name in "abcd")
    line = "edgekit.a has changed; edgekit.b has changed; edgekit.c has changed; and 1 more"
    assert in_one_line(code) == line
    assert in_one_line(code[:1]) == "edgekit.a has changed"
    assert in_one_line(()) == ""


def test_earlier_steps_are_one_reason() -> None:
    steps = (Reason("step", "a"), Reason("output", "nothing is there yet"), Reason("step", "b"))
    assert in_one_line(steps) == "follows from a, b; nothing is there yet"
