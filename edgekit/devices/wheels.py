"""Wheels for another machine, fetched by this machine's pip."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgekit.devices.cache import cached
from edgekit.devices.pip import NoSuchPackageError, pip
from edgekit.devices.runtimes import Requirement, choices
from edgekit.errors import UnavailableError
from edgekit.hashes import sha256_json

_OLDEST_GLIBC = 17  # 2.17: the first that wheels are made for


@dataclass(frozen=True)
class Board:
    """What wheels must fit.

    Attributes:
        machine: architecture that the interpreter was built for, such as `aarch64`.
        system: `Linux` or `Darwin`.
        python: the interpreter's version, such as `3.11`.
        libc: glibc's version on Linux, the system's on macOS; empty where it is another libc.
    """

    machine: str
    system: str
    python: str
    libc: str

    @property
    def platforms(self) -> list[str]:
        """Platform tags of wheels that run there, newest first."""
        numbers = [int(part) for part in re.findall(r"\d+", self.libc)[:2]]
        if self.system == "Darwin" and numbers:
            return [f"macosx_{numbers[0]}_0_{self.machine}"]
        if self.system != "Linux" or len(numbers) < 2:
            return []
        steps = range(numbers[1], _OLDEST_GLIBC - 1, -1)
        return [*(f"manylinux_2_{step}_{self.machine}" for step in steps), *self._old_names()]

    def _old_names(self) -> list[str]:
        return [f"manylinux2014_{self.machine}", f"linux_{self.machine}"]

    def __str__(self) -> str:
        return f"{self.system} on {self.machine} with Python {self.python}"


def wheels_for(board: Board, runner: str, asked: Requirement | None = None) -> list[Path]:
    """Return the wheels that a bundle needs on a board: its runtime and numpy.

    Args:
        board: where they shall run.
        runner: of the bundle's manifest.
        asked: the one runtime that is wanted; None for the usual ones, in the versions that are
            installed here where such wheels exist.

    Raises:
        UnavailableError: when there are none, or pip cannot fetch them.
    """
    if board.platforms:
        for wanted in choices(runner, asked):
            try:
                return _fetched(board, wanted)
            except NoSuchPackageError:
                continue
    what = str(asked) if asked else f"runtime for {runner} bundles"
    raise UnavailableError(
        f"pip finds no {what} that is made for {board}",
        'Install one there yourself and set runtime = "own" for the device',
    )


def _fetched(board: Board, wanted: Sequence[str]) -> list[Path]:
    key = sha256_json([board.platforms, board.python, list(wanted)])[:16]

    def make(folder: Path) -> None:
        options = ["--no-deps", "--only-binary=:all:", "--quiet", "--dest", str(folder)]
        options += ["--python-version", board.python, "--implementation", "cp"]
        for name in board.platforms:
            options += ["--platform", name]
        pip("download", *options, wanted=wanted)

    folder = cached("wheels", key, make)
    return sorted(folder.glob("*.whl"))
