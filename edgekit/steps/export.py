"""Export one bundle, or several of which one that is refused ends no other."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.devices.device import Device, device_named
from edgekit.errors import EdgekitError, InputError
from edgekit.hashes import sha256_tree
from edgekit.manifest import read_manifest
from edgekit.results.run import ExportResult
from edgekit.steps import calibrate, data, detectors, search
from edgekit.steps.project import TargetTable
from edgekit.steps.workspace import Workspace, code_sha256, tool_versions
from edgekit.target import Precision, Target, checked_precision, target_named

if TYPE_CHECKING:
    from edgekit.export.student import Student


def export(
    space: Workspace, name: str, precision: str | None = None, device: str | Device = "local"
) -> Path:
    """Make a target's bundle unless it is there, and return its folder.

    Args:
        space: the project's workspace.
        name: the Target's name; it need not be in the project file.
        precision: what to build; the project's or the Target's choice when left out.
        device: where a search runs its candidates.

    Raises:
        InputError: when there is no such target or precision.
        UnavailableError: when the target's runtime cannot be built with here.
    """
    target = target_named(name)
    wanted = checked_precision(target, _asked(space, name, precision))
    folder = space.project.bundle_folder(name, wanted)
    make = partial(_make, space, target, wanted, folder, device)
    made: Path = space.remember(f"export {folder}", make)
    return made


def _make(
    space: Workspace, target: Target, precision: Precision, folder: Path, device: str | Device
) -> Path:
    if precision == "auto":
        search.refuse_overlaps(space)  # before any long work
    ranges = calibrate.ranges_file(space)
    found = None
    if precision == "auto":
        student = partial(_student, space, ranges)
        found = search.search(space, target, student, device_named(device))
    corrections = space.project.settings.quantization.corrections
    depends = {
        "student": detectors.student_sha256(space),
        "corrections": corrections,
        "ranges": sha256_tree(ranges) if precision in ("int8", "auto") else None,
        "search": sha256_tree(found) if found else None,
        "golden": data.split_sha256(space, "calibration"),
        "target": target.to_json(),
        "precision": precision,
        "tools": tool_versions(),
        "code": code_sha256("export", "calibration", "devices", "detectors"),
    }

    def build() -> str:
        from edgekit.export.bundle import export_bundle
        from edgekit.export.recipe import default_recipe

        recipe = search.recipe(found) if found else None
        if precision == "int8":
            recipe = default_recipe(target, "int8", corrections)
        manifest = export_bundle(_student(space, ranges), target, precision, folder, recipe)
        how = f"{recipe.name}; " if recipe and found else ""
        return f"{how}{manifest.size_bytes / 1e6:.2f} MB, evidence {manifest.evidence}"

    return space.made(f"export {folder.name}", folder, depends, build)


def _asked(space: Workspace, name: str, precision: str | None) -> str | None:
    """Return the precision that was asked for, here or in the project; None for neither."""
    return precision or space.project.settings.targets.get(name, TargetTable()).precision


def export_each(
    space: Workspace,
    names: Sequence[str],
    precision: str | None = None,
    device: str | Device = "local",
) -> dict[str, Path | EdgekitError]:
    """Make the bundles of several targets; one that is refused ends no other.

    Args:
        space: the project's workspace.
        names: of Targets.
        precision: as in `export`, the same for all.
        device: where a search runs its candidates.

    Returns:
        by target the bundle's folder, or why there is none.

    Raises:
        InputError: when there is no such target, when none of them can be built in the precision,
            or when what they share is wrong: detector, data, calibration.
    """
    wanted = {name: _checked(space, name, precision) for name in names}
    faults = [found for found in wanted.values() if isinstance(found, InputError)]
    if len(faults) == len(wanted):
        raise faults[0]
    if "auto" in wanted.values():
        search.refuse_overlaps(space)  # before any long work
    elif device_named(device).name != "local":
        raise InputError(
            f"device {device_named(device).name!r}: nothing that is asked for is searched",
            "A device is where --precision auto runs its candidates",
        )
    calibrate.ranges_file(space)
    return {name: _tried(space, name, found, device) for name, found in wanted.items()}


def _checked(space: Workspace, name: str, precision: str | None) -> Precision | InputError:
    """Return the precision to build, or why the target has no such one."""
    target = target_named(name)
    try:
        return checked_precision(target, _asked(space, name, precision))
    except InputError as error:
        return error


def _tried(
    space: Workspace, name: str, wanted: Precision | InputError, device: str | Device
) -> Path | EdgekitError:
    if isinstance(wanted, InputError):
        return wanted
    try:
        return export(space, name, wanted, device)
    except EdgekitError as error:
        space.reporter.done(f"export {space.project.bundle_folder(name, wanted).name}", "refused")
        return error


def student(space: Workspace) -> "Student":
    """Bring together what all bundles of this project share, calibrated."""
    return _student(space, calibrate.ranges_file(space))


def _student(space: Workspace, ranges: Path) -> "Student":
    """Bring together what all bundles of this student share."""

    def gather() -> "Student":
        from edgekit.calibration.ranges import load_ranges
        from edgekit.export.student import Student

        float_student = detectors.student(space)
        return Student(
            float_student,
            detectors.student_sha256(space),
            calibrate.program(space),
            load_ranges(ranges),
            data.split(space, "calibration", float_student.signature),
        )

    shared: Student = space.remember("shared", gather)
    return shared


def refused(
    space: Workspace, name: str, precision: str | None, error: EdgekitError
) -> ExportResult:
    """Describe a target without a bundle, as `row` does one with it.

    Args:
        space: the project's workspace.
        name: the Target's name.
        precision: as in `export`.
        error: why there is none.
    """
    target = target_named(name)
    return ExportResult(
        target=name,
        runtime=target.runtime,
        precision=_asked(space, name, precision) or target.precision,
        path=None,
        size_bytes=None,
        evidence=None,
        error=str(error),
        exit_code=error.exit_code,
    )


def row(space: Workspace, folder: Path) -> ExportResult:
    """Describe a bundle."""
    manifest = read_manifest(folder)
    return ExportResult(
        target=manifest.target,
        runtime=manifest.runtime,
        precision=manifest.precision,
        path=str(folder),
        size_bytes=manifest.size_bytes,
        evidence=manifest.evidence,
        notes=manifest.notes,
        search=search.row(space, manifest.target) if manifest.precision == "auto" else None,
    )
