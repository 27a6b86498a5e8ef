"""The fixtures of the command line's tests."""

from tests.cli.conftest import edgekit  # noqa: F401
