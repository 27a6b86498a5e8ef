"""The order of the rooms, as ARCHITECTURE.md draws it, against what the source imports."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgekit.steps.closure import Graph

GROUND = "files of edgekit/ and runtimes/"  # what a Target names is described there
GRAPH = Graph()
TOP = ("edgekit", "edgekit.__main__")


def floors() -> dict[str, int]:
    """Return the floor of each room; the ground floor is 0."""
    text = (Path(__file__).parents[1] / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawing = re.findall(r"^```floors\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(drawing) == 1
    lines = reversed(drawing[0].splitlines())
    return {room: floor for floor, line in enumerate(lines) for room in line.split(", ")}


def modules(package: str = "edgekit") -> Iterator[str]:
    """Name every module of the package."""
    yield package
    main = f"{package}.__main__"
    rooms = [*GRAPH.sources.inside(package), *([main] if GRAPH.sources.file(main) else [])]
    if package == "edgekit":
        rooms += ["edgekit.exporters", "edgekit.calibration"]  # they lie elsewhere
    for name in dict.fromkeys(rooms):
        if GRAPH.sources.is_package(name):
            yield from modules(name)
        else:
            yield name


def room_of(module: str) -> str:
    """Return the room that a module lies in, as the drawing calls it."""
    parts = module.split(".")
    if module in TOP:
        return f"{parts[1] if parts[1:] else '__init__'}.py"
    ground = parts[1] == "runtimes" or not GRAPH.sources.is_package(f"edgekit.{parts[1]}")
    return GROUND if ground else parts[1]


def climbs(drawn: dict[str, int]) -> list[str]:
    """Name every import that does not go down, or stay inside its room."""
    return [
        f"{module} imports {other}"
        for module in modules()
        for other in sorted(GRAPH.reached(module))
        if room_of(module) != room_of(other)
        and drawn[room_of(module)] <= drawn[room_of(other)]
        and other != "edgekit"  # its name and its version
    ]


def test_every_room_is_drawn_once() -> None:
    assert floors().keys() == {room_of(module) for module in modules()}


def test_no_import_climbs() -> None:
    assert climbs(floors()) == []


@pytest.mark.parametrize(("low", "high"), [("exporters", "devices"), ("verification", "search")])
def test_a_wrong_order_would_be_seen(low: str, high: str) -> None:
    drawn = floors()
    drawn[low], drawn[high] = drawn[high], drawn[low]
    assert climbs(drawn)
