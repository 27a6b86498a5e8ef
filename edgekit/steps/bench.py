"""Bench bundles of the project, and pass them through a gate."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.devices.device import Device
from edgekit.manifest import read_manifest
from edgekit.results.counted import Counted
from edgekit.results.measurement import Measurement
from edgekit.steps import export
from edgekit.steps.noted import verdict_step
from edgekit.steps.shares import moved, shares
from edgekit.steps.step import Step
from edgekit.steps.workspace import Workspace
from edgekit.target import Target, target_named
from edgekit.verdict import Verdict

if TYPE_CHECKING:
    from edgekit.performance.gate import Gate
    from edgekit.performance.settings import BenchSettings

_UNSETTLED = (Verdict.FAIL, Verdict.INCONCLUSIVE)


def bench(
    space: Workspace,
    bundle: Path,
    device: str | Device = "local",
    gate: "Gate | None" = None,
    settings: "BenchSettings | None" = None,
    sustained_s: float = 0.0,
) -> Measurement:
    """Time a bundle against the fp32 one of the same target, or pass it through a gate.

    See `gate_bundle`. With a baseline the fp32 bundle is not needed, and not measured.
    """
    from edgekit.face.bench import bench as measure
    from edgekit.performance.gate import Gate

    gate = gate or Gate()
    gate = _told(space, bundle, gate)
    against = None if gate.baseline or gate.against else _sibling(space, bundle)
    return measure(
        bundle,
        against,
        settings or space.project.settings.bench,
        device,
        gate,
        sustained_s,
        space.reporter.advance,
    )


def count(
    space: Workspace,
    bundle: Path,
    device: str | Device,
    gate: "Gate",
    settings: "BenchSettings | None" = None,
    what: str = "instructions",
) -> Counted:
    """Count a bundle's instructions on an emulated core, or pass them through a gate.

    See `gate_counts`.
    """
    from edgekit.face.count import count as measure

    told = settings or space.project.settings.bench
    return measure(bundle, told, device, _told(space, bundle, gate), what)


def _told(space: Workspace, bundle: Path, gate: "Gate") -> "Gate":
    """Tell the gate what the bundle decides, where it compares with or writes a baseline."""
    if gate.baseline is None:
        return gate
    gate = replace(gate, shares=shares(space, bundle))
    return replace(gate, moved=lambda: moved(space, bundle, gate))


def _sibling(space: Workspace, bundle: Path) -> Path | None:
    """Return the fp32 bundle of the same target, exported unless it is there."""
    manifest = read_manifest(bundle)
    if manifest.precision == "fp32" or "fp32" not in target_named(manifest.target).precisions:
        return None
    return export.export(space, manifest.target, "fp32")


def bench_step(
    space: Workspace, bundle: Path, target: Target, of: Step, against: Step | None
) -> Step:
    """Declare the timing of a bundle on this machine.

    A speed that did not pass is measured again: what else the machine did may have been to blame.

    Args:
        space: the project's workspace.
        bundle: its folder.
        target: the bundle's.
        of: the step that makes it.
        against: the step that makes the fp32 bundle that it is timed beside; None for fp32 itself.
    """
    inputs = {
        "bundle": space.left_by(of),
        **({"against": space.left_by(against)} if against else {}),
    }
    return verdict_step(
        space, f"bench {bundle.name}", target, ("edgekit.face.bench",),
        lambda: bench(space, bundle), inputs,
        {"bench": space.project.settings.bench.to_json()}, _UNSETTLED,
    )  # fmt: skip
