"""Errors carry one line and an exit code."""

import pickle

import pytest

from edgekit.errors import EdgekitError, InputError, OutputError, UnavailableError


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
