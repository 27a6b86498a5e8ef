"""What the command line's own tests use."""

from tests.cli.conftest import edgekit, fresh_project  # noqa: F401
