"""Paths as a reader of the output would type them."""

from pathlib import Path


def here(path: str | Path) -> str:
    """Return a path relative to the current folder where it lies below it, else as it is."""
    full, folder = Path(path).resolve(), Path.cwd()
    return str(full.relative_to(folder)) if full.is_relative_to(folder) else str(full)
