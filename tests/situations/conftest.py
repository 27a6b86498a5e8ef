"""What the command line's own tests use."""

from tests.cli.conftest import (  # noqa: F401
    done_project,
    edgekit,
    first_run,
    fresh_edgekit,
    fresh_project,
    new_project,
)
