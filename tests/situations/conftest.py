"""What the command line's own tests use."""

from tests.cli.conftest import edgekit  # noqa: F401
