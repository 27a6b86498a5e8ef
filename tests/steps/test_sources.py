"""Where modules lie, and what lies beside them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edgekit.steps.closure import Graph
from edgekit.steps.sources import HERE, Sources

Tree = Callable[..., Graph]


def test_this_edgekits_modules_are_found_wherever_their_rooms_lie() -> None:
    sources = Sources()
    assert sources.file("edgekit.hashes") == HERE / "hashes.py"
    assert sources.file("edgekit.devices") == HERE / "devices" / "__init__.py"
    from edgekit.calibration import scheme
    from edgekit.exporters import golden

    assert sources.file("edgekit.calibration.scheme") == Path(scheme.__file__)
    assert sources.file("edgekit.exporters.golden") == Path(golden.__file__)


@pytest.mark.parametrize("name", ["edgekit.toml", "edgekit.no_such", "edgekit.hashes.x", "numpy"])
def test_what_is_no_module_of_edgekit_has_no_file(name: str) -> None:
    assert Sources().file(name) is None


def test_asking_what_a_missing_module_names_says_which() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"edgekit\.no_such"):
        Sources().names("edgekit.no_such")


def test_data_are_what_is_neither_python_nor_settings(tree: Tree) -> None:
    files = {"room/a.py": "", "room/page.css": "", "room/more/x.bin": "", "room/x86.toml": ""}
    graph = tree({**files, "room/inner/b.py": "", "room/inner/c.txt": "", "room/.hidden": ""})
    assert list(graph.sources.data("edgekit.room")) == [
        "edgekit.room/more/x.bin",
        "edgekit.room/page.css",
    ]
    assert list(graph.sources.data("edgekit.room.inner")) == ["edgekit.room.inner/c.txt"]


def test_a_package_holds_modules_and_packages_but_nothing_private(tree: Tree) -> None:
    graph = tree({"room/a.py": "", "room/_b.py": "", "room/inner/c.py": "", "room/x.txt": ""})
    assert list(graph.sources.inside("edgekit.room")) == ["edgekit.room.a", "edgekit.room.inner"]


def test_hashes_are_of_the_files_that_there_are(tree: Tree) -> None:
    graph = tree({"a.py": "", "b.py": "1"})
    found = graph.sources.hashes(["edgekit.a", "edgekit.b", "tests.other"])
    assert found.keys() == {"edgekit.a", "edgekit.b"}
    assert len(set(found.values())) == 2
