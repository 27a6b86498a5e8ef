"""Which files run with a module: one rule for each way in which a file can be reached."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from edgekit.steps.closure import Graph
from edgekit.steps.sources import Sources
from tests.steps.by_bytecode import Tree

Write = Callable[[Mapping[str, str]], Graph]


def reached(graph: Graph, entry: str = "edgekit.a") -> set[str]:
    """Name what an entry point reaches besides itself and the package."""
    return {name.removeprefix("edgekit.") for name in graph.closure([entry]).files} - {
        "edgekit",
        entry.removeprefix("edgekit."),
    }


def test_imports_are_followed_to_their_end_in_circles_too(tree: Write) -> None:
    files = {"a.py": "from edgekit import b", "b.py": "def f():\n    import edgekit.c\n"}
    assert reached(tree({**files, "c.py": "import edgekit.a", "d.py": ""})) == {"b", "c"}


def test_what_is_imported_from_a_module_is_that_module(tree: Write) -> None:
    graph = tree({"a.py": "from edgekit.room.b import thing", "room/b.py": "", "room/c.py": ""})
    assert reached(graph) == {"room", "room.b"}


def test_of_a_package_on_the_way_runs_only_what_it_imports_at_once(tree: Write) -> None:
    lazy = "import edgekit.x\ndef __getattr__(name):\n    import edgekit.y\n"
    files = {"room/b.py": "", "x.py": "", "y.py": ""}
    on_the_way = {"a.py": "import edgekit.room.b", "room/__init__.py": lazy}
    assert reached(tree({**files, **on_the_way})) == {"room", "room.b", "x"}
    asked_itself = {"a.py": "from edgekit.room import thing", "room/__init__.py": lazy}
    assert reached(tree({**files, **asked_itself})) == {"room", "x", "y"}


def test_a_registry_names_modules_by_strings(tree: Write) -> None:
    registry = 'KINDS = {"b": "edgekit.b"}\nNO = "edgekit.nothing", "edgekit.toml"'
    assert reached(tree({"a.py": registry, "b.py": "import edgekit.c", "c.py": ""})) == {"b", "c"}


def test_an_fstring_names_every_module_of_a_package(tree: Write) -> None:
    graph = tree({"a.py": 'f"edgekit.room.{name}"', "room/b.py": "", "room/c.py": "", "d.py": ""})
    assert reached(graph) == {"room", "room.b", "room.c"}


def test_a_file_beside_it_is_started(tree: Write) -> None:
    files = {"room/runner.py": "", "runner.py": "", "room/other.py": ""}
    graph = tree({"room/a.py": 'Path(__file__).with_name("runner.py")', **files})
    assert reached(graph, "edgekit.room.a") == {"room", "room.runner"}


@pytest.mark.parametrize("name", ['"edgekit.room"', "__name__"])
def test_python_m_runs_the_main_of_a_package(tree: Write, name: str) -> None:
    files = {"room/__main__.py": "import edgekit.b", "b.py": ""}
    source = f'command = [sys.executable, "-m", {name}]'
    if name == "__name__":
        graph, entry = tree({"room/__init__.py": source, **files}), "edgekit.room"
    else:
        graph, entry = tree({"a.py": source, **files}), "edgekit.a"
    assert reached(graph, entry) | {"room"} == {"room", "room.__main__", "b"}


@pytest.mark.parametrize("source", ["Path(__file__).parent", 'files("edgekit.room")'])
def test_data_go_with_who_asks_for_them(tree: Write, source: str) -> None:
    files = {"room/b.py": source, "room/c.py": "", "room/data/x.bin": "1"}
    graph = tree(files)
    assert reached(graph, "edgekit.room.b") == {"room", "room/data/x.bin"}
    assert reached(graph, "edgekit.room.c") == {"room"}


def test_packages_are_what_is_neither_edgekits_nor_pythons(tree: Write) -> None:
    graph = tree(
        {
            "a.py": "import os\nimport numpy.linalg\nfrom edgekit import b\n",
            "b.py": "def f():\n    from torch.nn import functional\n",
            "c.py": "import scipy",
        }
    )
    assert graph.closure(["edgekit.a"]).packages == {"numpy", "torch"}


def test_a_missing_entry_point_is_a_bug_that_is_named(tree: Write) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"edgekit\.gone"):
        tree({}).closure(["edgekit.gone"])


@pytest.mark.parametrize(
    "entry",
    ["edgekit.distillation.distill", "edgekit.search.search", "edgekit.verification.robustness"],
)
def test_bytecode_says_the_same_of_the_whole_tree(whole_tree: Path, entry: str) -> None:
    graph = Graph(Sources({"edgekit": whole_tree / "edgekit"}))
    found = {name for name in graph.closure([entry]).files if "/" not in name}
    assert found - {"edgekit.exporters"} == Tree(whole_tree).reached([entry]) - {
        "edgekit.exporters"
    }
