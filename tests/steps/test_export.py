"""What bundles depend on, and what is refused."""

from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.files import read_json, write_json
from edgekit.steps import export
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named


def opened(project: Path, old: str = "", new: str = "") -> Workspace:
    path = project / "edgekit.toml"
    path.write_text(path.read_text().replace(old, new))
    return Workspace(open_project(project))


def reasons(space: Workspace, target: str = "x86", precision: str = "int8") -> list[str]:
    step = export.export_step(space, target_named(target), precision)
    return [f"{reason.kind} {reason.name}" for reason in space.reasons(step)]


def test_a_bundle_is_reused_while_nothing_changed(done_project: Path) -> None:
    assert reasons(opened(done_project)) == []
    assert export.export(opened(done_project), "x86") == done_project / "build/bundles/x86-int8"


def test_ranges_count_where_scales_are_chosen_by_them(done_project: Path) -> None:
    (done_project / "build" / "calibration" / "ranges.npz").write_bytes(b"others")
    space = opened(done_project)
    assert reasons(space) == ["input ranges"]
    assert reasons(space, precision="fp32") == []


def test_an_installed_extra_makes_the_step_anew(done_project: Path) -> None:
    """As if the bundle had been made before the package that its note named was installed."""
    path = done_project / "build" / ".steps" / "export-jetson-int8.json"
    record = read_json(path)
    version = record["key"]["package"].pop("onnx")
    write_json(path, {**record, "key": {**record["key"], "package": {
        **record["key"]["package"], "onnx": None}}})  # fmt: skip
    space = opened(done_project)
    step = export.export_step(space, target_named("jetson"), "int8")
    assert [str(each) for each in space.reasons(step)] == [f"onnx was missing and is {version}"]


def test_what_is_not_installed_is_part_of_the_key(done_project: Path) -> None:
    key = read_json(done_project / "build" / ".steps" / "export-jetson-int8.json")["key"]
    missing = [name for name, version in key["package"].items() if version is None]
    assert "tflite_runtime" in missing
    assert {"torch", "onnx", "ai-edge-litert", "coremltools"} <= key["package"].keys()


@pytest.mark.parametrize(("target", "precision"), [("fridge", None), ("x86", "int3")])
def test_what_there_is_not_is_refused(space: Workspace, target: str, precision: str) -> None:
    with pytest.raises(InputError):
        export.precision_of(space, target, precision)
