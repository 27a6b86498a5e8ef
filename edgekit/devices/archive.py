"""The runner as it travels: one file, which Python starts, made of the package beside this one.

A zipapp (PEP 441) is one object for a board to keep, and may hold a package. Nothing in it depends
on when or where it was packed, so a board that has it is not sent it again.
"""

import io
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

NAME = "runner.pyz"
ENTRY = "edgekit.devices.runner.main"
# What Python executes; there `runner` is a package of its own.
MAIN = """\
import sys

from runner.main import main

sys.exit(main(sys.argv[1:]))
"""
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold


def packed() -> bytes:
    """Return the runner's zipapp."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", _EPOCH), MAIN)
        for path, name in _files():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes())
    return memory.getvalue()


def write_runner(folder: Path) -> Path:
    """Write the runner's zipapp into a folder and return the file."""
    path = folder / NAME
    path.write_bytes(packed())
    return path


def _files() -> Iterator[tuple[Path, str]]:
    """Yield every file of the package with its name in the archive."""
    spec = find_spec(ENTRY)
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    for path in sorted(package.rglob("*.py")):
        yield path, path.relative_to(package.parent).as_posix()
