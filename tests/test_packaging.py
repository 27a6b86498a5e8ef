"""What an installed edgekit would hold."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
ROOMS = {"edgekit": "edgekit", "export": "edgekit.exporters", "calibration": "edgekit.calibration"}


def _folder(package: str) -> Path:
    path = package.replace(".", "/")
    for mapped, name in ROOMS.items():
        path = path.replace(name.replace(".", "/"), mapped)
    return ROOT / path


def test_every_package_is_listed() -> None:
    found = {
        ".".join((name, *path.parent.relative_to(ROOT / room).parts))
        for room, name in ROOMS.items()
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert set(TOOLS["packages"]) == found


@pytest.mark.parametrize("package", TOOLS["packages"])
def test_every_data_file_is_listed(package: str) -> None:
    folder = _folder(package)
    listed = {
        path for pattern in TOOLS["package-data"].get(package, []) for path in folder.glob(pattern)
    }
    inner = {child for child in folder.iterdir() if (child / "__init__.py").exists()}
    present = {
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix not in (".py", ".pyc")
        and not any(parent in inner for parent in path.parents)
    }
    assert present <= listed


def test_weights_are_small_and_safe() -> None:
    weights = list((ROOT / "edgekit").rglob("*.safetensors"))
    assert weights
    assert sum(path.stat().st_size for path in weights) < 10_000_000
    others = [
        path for path in ROOT.glob("e*/**/*") if path.suffix in (".pt", ".pth", ".pkl", ".bin")
    ]
    assert not others


def test_constraints_name_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(line.startswith("#") or line.count("==") == 1 for line in lines)
    assert not any("://" in line or "@" in line for line in lines)
