"""Export one bundle, or several of which one that is refused ends no other."""

from collections.abc import Sequence
from pathlib import Path

from edgekit.devices.device import Device, device_named
from edgekit.errors import EdgekitError, InputError
from edgekit.results.search import SearchResult
from edgekit.steps import calibrate, detectors, search
from edgekit.steps.leaks import refuse_overlaps
from edgekit.steps.loading import LOADER
from edgekit.steps.project import TargetTable
from edgekit.steps.splits import split_input
from edgekit.steps.step import Input, Step
from edgekit.steps.workspace import Workspace
from edgekit.target import Precision, Target, checked_precision, target_named


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
    wanted = precision_of(space, name, precision)
    if wanted == "auto":
        refuse_overlaps(space)  # before any long work
    return space.made(export_step(space, target_named(name), wanted, device))


def export_step(
    space: Workspace, target: Target, precision: Precision, device: str | Device = "local"
) -> Step:
    """Declare the making of a target's bundle; see `export`."""
    folder = space.project.bundle_folder(target.name, precision)
    corrections = space.project.settings.quantization.corrections
    ranges = calibrate.calibrate_step(space)
    found = search.search_step(space, target, device_named(device))
    inputs = {
        "student": detectors.detector_input(space, "student"),
        "calibration": split_input(space, "calibration"),  # the golden vectors are of these
        "ranges": Input(lambda: _ranges_sha256(space, ranges, precision), ranges),
        **({"search": space.left_by(found)} if precision == "auto" else {}),
    }

    def make() -> str:
        from edgekit.face.export import export as build

        searched = SearchResult.read(found.output) if precision == "auto" else None
        student = calibrate.student(space)
        manifest = build(student, target.name, precision, folder, searched=searched).manifest
        how = f"{searched.chosen}; " if searched else ""
        return f"{how}{manifest.size_bytes / 1e6:.2f} MB, evidence {manifest.evidence}"

    return Step(
        name=f"export {folder.name}",
        output=folder,
        entries=("edgekit.face.export", calibrate.CALIBRATE, LOADER),
        make=make,
        inputs=inputs,
        settings={
            "target": target.to_json(),
            "precision": precision,
            "corrections": corrections,
        },
    )


def _ranges_sha256(space: Workspace, ranges: Step, precision: Precision) -> str | None:
    """Hash the Ranges, where scales are chosen by them."""
    return space.tree_sha256(ranges.output) if precision in ("int8", "auto") else None


def precision_of(space: Workspace, name: str, precision: str | None = None) -> Precision:
    """Return the precision in which a target is built.

    Args:
        space: the project's workspace.
        name: the Target's name.
        precision: what was asked for; the project's or the Target's choice when left out.

    Raises:
        InputError: when there is no such target or precision.
    """
    return checked_precision(target_named(name), asked(space, name, precision))


def asked(space: Workspace, name: str, precision: str | None) -> str | None:
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
        refuse_overlaps(space)  # before any long work
    elif device_named(device).name != "local":
        raise InputError(
            f"device {device_named(device).name!r}: nothing that is asked for is searched",
            "A device is where --precision auto runs its candidates",
        )
    calibrate.ranges_file(space)
    return {name: _tried(space, name, found, device) for name, found in wanted.items()}


def _checked(space: Workspace, name: str, precision: str | None) -> Precision | InputError:
    """Return the precision to build, or why the target has no such one."""
    target_named(name)  # an unknown one ends them all
    try:
        return precision_of(space, name, precision)
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
