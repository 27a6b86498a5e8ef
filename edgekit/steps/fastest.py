"""Which of several searched bundles is the fastest on the machine that all of them are for."""

from collections.abc import Sequence
from pathlib import Path

from edgekit.devices.device import Device
from edgekit.manifest import read_manifest
from edgekit.results.fastest import Fastest
from edgekit.runtimes import runtime_named
from edgekit.steps.workspace import Workspace
from edgekit.target import Target, target_named


def fastest(space: Workspace, bundles: Sequence[Path], device: Device) -> Fastest | None:
    """Time the winners of several searches against each other, in interleaved pairs.

    Args:
        space: the project's workspace.
        bundles: what was exported; those that were not searched, or are for other machines than
            the device, are left out.
        device: where they were searched.

    Returns:
        the fastest and the one that comes nearest; None where fewer than two runtimes are left.
    """
    searched = [bundle for bundle in bundles if _is_searched(bundle)]
    if len(searched) < 2:
        return None
    machine = device.probe().machine
    mine = [bundle for bundle in searched if machine in _target_of(bundle).machines]
    if len({read_manifest(bundle).runtime for bundle in mine}) < 2:
        return None
    best, found = mine[0], None
    for challenger in mine[1:]:
        found = _raced(space, challenger, best, device)
        best = challenger if found.target == read_manifest(challenger).target else best
    return found


def _is_searched(bundle: Path) -> bool:
    manifest = read_manifest(bundle)
    return manifest.precision == "auto" and not runtime_named(manifest.runtime).interpreted


def _target_of(bundle: Path) -> Target:
    """Return the Target that a bundle was built for."""
    return target_named(read_manifest(bundle).target)


def _raced(space: Workspace, bundle: Path, other: Path, device: Device) -> Fastest:
    from edgekit.performance.bench import bench_bundle

    # Enough pairs to tell which of the two it is, whatever the project's own budget.
    question = {"max_ratio": 1.0, "max_p50_ms": None, "batch": 1}
    settings = space.project.settings.bench.model_copy(update=question)
    space.reporter.start(f"race {bundle.name} {other.name}")
    measured = bench_bundle(bundle, other, settings, device, space.reporter.advance)
    assert measured.against is not None
    ratio = measured.against.ratio
    faster, slower = (read_manifest(each) for each in (bundle, other))
    if ratio.value > 1:
        ratio, faster, slower = ratio.inverse, slower, faster
    decided = ratio.high < 1
    detail = f"{ratio.value:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]"
    space.reporter.done(f"race {bundle.name} {other.name}", detail)
    return Fastest(
        target=faster.target if decided else None,
        other=slower.target,
        runtime=faster.runtime if decided else None,
        ratio=ratio.value,
        interval=ratio.interval,
    )
