"""What situations share with the tests of the command line."""

from tests.cli.conftest import edgekit  # noqa: F401
