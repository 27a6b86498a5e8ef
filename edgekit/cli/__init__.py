"""The command line: one file per command, which parses, calls the library and prints."""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the `edgekit` command."""
    # Set before torch is imported anywhere. Waiting threads sleep instead of spinning: on a machine
    # that others use too, spinning ones take the cores from the ones that work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # The models come from local files; nothing may wait for a network that was not asked for.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from edgekit.cli.app import app

    sys.exit(app())
