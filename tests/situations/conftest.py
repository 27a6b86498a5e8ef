"""The command line and the small project, as the tests of the command line have them."""

from tests.cli.conftest import (  # noqa: F401  (fixtures)
    done_project,
    edgekit,
    first_run,
    fresh_edgekit,
    fresh_project,
    new_project,
)
