"""Small projects and small trees of source that the tests of steps work on."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from edgekit.steps.closure import Graph
from edgekit.steps.project import open_project
from edgekit.steps.sources import Sources
from edgekit.steps.workspace import Workspace

_COMPILED = shutil.ignore_patterns("__pycache__")
PROJECT = """
[project]
name = "small"
[detector]
kind = "exported"
program = "student.pt2"
[data]
validation = "v"
calibration = "c"
test = "t"
[targets.x86]
"""


class Said:
    """Hears what steps say when they end."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, bool]] = []

    def start(self, step: str) -> None:
        pass

    def advance(self, done: int, total: int) -> None:
        pass

    def done(self, step: str, detail: str, reused: bool = False) -> None:
        self.lines.append((step, detail, reused))


@pytest.fixture
def folder(tmp_path: Path, write_dataset: Callable[..., Path]) -> Path:
    """A project with three splits and something that stands for the student's weights."""
    for seed, name in enumerate("vct"):
        write_dataset(tmp_path / name, count=2, seed=seed)
    (tmp_path / "student.pt2").write_bytes(b"weights")
    (tmp_path / "edgekit.toml").write_text(PROJECT)
    return tmp_path


@pytest.fixture
def open_space() -> Callable[..., Workspace]:
    """Open a project as a new process does, with more settings or with others."""

    def opened(folder: Path, more: str = "", change: tuple[str, str] = ("", "")) -> Workspace:
        path = folder / "edgekit.toml"
        text = path.read_text()
        assert change[0] in text
        path.write_text(text.replace(*change) + more)
        space = Workspace(open_project(path), Said())
        path.write_text(text)
        return space

    return opened


@pytest.fixture
def space(folder: Path, open_space: Callable[..., Workspace]) -> Workspace:
    return open_space(folder)


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[Mapping[str, str]], Graph]:
    """Write a package `edgekit` of a few files; return its graph."""

    def write(files: Mapping[str, str]) -> Graph:
        root = tmp_path / "edgekit"
        for name, text in {"__init__.py": "", **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            for parent in path.parents:
                if root in parent.parents and path.suffix == ".py":
                    (parent / "__init__.py").touch()
        return Graph(Sources({"edgekit": root}))

    return write


@pytest.fixture(scope="session")
def whole_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of edgekit's source in one folder, as it is installed; leave it as it was."""
    root, sources = tmp_path_factory.mktemp("tree"), Sources()
    shutil.copytree(sources.folder("edgekit"), root / "edgekit", ignore=_COMPILED)
    for room in ("exporters", "calibration"):
        folder = sources.folder(f"edgekit.{room}")
        shutil.copytree(folder, root / "edgekit" / room, ignore=_COMPILED)
    return root
