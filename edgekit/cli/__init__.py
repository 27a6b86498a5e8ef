"""The command line: one file per command, which parses, calls the library and prints."""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the `edgekit` command."""
    # Set before torch is imported anywhere. Waiting threads spin for a moment only, then sleep: on
    # a machine that others use too, endless spinning takes the cores from the threads that work.
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")
    from edgekit.cli.app import app

    sys.exit(app())
