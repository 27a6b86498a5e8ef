"""Words that have one meaning, as ARCHITECTURE.md lists them, against the names in the source."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("edgekit", "calibration", "export")
HEAD = "| word | means | never | stands in |\n|---|---|---|---|\n"


@dataclass(frozen=True)
class Place:
    """Where a word may stand: a folder or a file, or one name there."""

    path: str
    name: str | None = None

    def has(self, file: str, name: str) -> bool:
        """Tell whether a name of a file may have the word."""
        inside = file.startswith(self.path) if self.path.endswith("/") else file == self.path
        return inside and self.name in (None, name)


def table() -> dict[str, list[Place]]:
    """Return where each word may stand."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert text.count(HEAD) == 1
    lines = text.partition(HEAD)[2].partition("\n\n")[0].splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines]
    return {
        word: [Place(*each.split(":")) for each in re.findall(r"`([^`]+)`", where)]
        for word, _, _, where in rows
    }


def names(root: Path) -> Iterator[tuple[str, str]]:
    """Yield every file with its own name, and with those of its classes and functions."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*.py")):
        file = path.relative_to(root).as_posix()
        yield file, path.parent.name if path.stem == "__init__" else path.stem
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, kinds):
                yield file, node.name


def words(name: str) -> set[str]:
    """Take a name apart, each word in the singular."""
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    return {each.lower().removesuffix("s") for each in found}


def strangers(root: Path) -> list[str]:
    """Name every class, function and module that has a word which means something else."""
    allowed = table()
    return [
        f"{file}: {name}"
        for file, name in names(root)
        for word in sorted(words(name) & allowed.keys())
        if not any(place.has(file, name) for place in allowed[word])
    ]


def test_every_word_stands_where_it_means_what_it_should() -> None:
    assert strangers(ROOT) == []


def test_every_place_of_the_table_is_needed() -> None:
    found = [(file, name, words(name)) for file, name in names(ROOT)]
    assert [
        (word, place)
        for word, places in table().items()
        for place in places
        if not any(word in parts and place.has(file, name) for file, name, parts in found)
    ] == []


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("edgekit/report/page.py", "class ScorePair: ...", "ScorePair"),
        ("edgekit/performance/take.py", "def measure_pairs(): ...", "measure_pairs"),
        ("edgekit/performance/gate.py", "def run_gate(): ...", "run_gate"),
        ("edgekit/report/page.py", "class A:\n    async def figure(self): ...", "figure"),
        ("edgekit/cli/session.py", "", "session"),
        ("edgekit/students/__init__.py", "", "students"),
        ("export/onnx.py", "class ONNXRuntime: ...", "ONNXRuntime"),
        ("calibration/choose.py", "def activation(): ...", "activation"),
    ],
)
def test_a_wrong_name_would_be_seen(tmp_path: Path, file: str, text: str, said: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert strangers(tmp_path) == [f"{file}: {said}"]


def test_words_that_only_look_alike_are_let_pass(tmp_path: Path) -> None:
    path = tmp_path / "edgekit" / "runner.py"
    path.parent.mkdir()
    path.write_text("class Resamples: ...\ndef paired_ratio(): ...\n", encoding="utf-8")
    assert strangers(tmp_path) == []
