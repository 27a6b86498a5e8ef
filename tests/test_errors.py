"""Errors carry one line and an exit code."""

import pickle

import pytest

from edgekit.errors import (
    LONGEST,
    EdgekitError,
    InputError,
    OutputError,
    UnavailableError,
    one_line,
)


@pytest.mark.parametrize(
    ("kind", "code"), [(EdgekitError, 2), (InputError, 2), (OutputError, 2), (UnavailableError, 3)]
)
def test_an_error_says_what_and_what_to_do(kind: type[EdgekitError], code: int) -> None:
    error = kind("x.jpg is empty.", "Remove it.")
    assert str(error) == "x.jpg is empty. Remove it."
    assert error.exit_code == code


def test_an_error_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(UnavailableError("a: b", "c")))
    assert isinstance(error, UnavailableError)
    assert (str(error), error.reason) == ("a: b. c.", "b")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("\x1b[96mNo function\x1b[0m for it.\n\nNext steps: ...", "No function for it"),
        ("\n  \n  late  \n", "late"),
        ("", "no reason given"),
        ("x" * 500, "x" * (LONGEST - 3) + "..."),
    ],
)
def test_what_a_library_says_is_one_short_line(said, line):
    assert one_line(said) == line
