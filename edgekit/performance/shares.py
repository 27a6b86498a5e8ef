"""By how much shares of the decisions became worse than a baseline's, at least and at most."""

from collections.abc import Mapping

from edgekit.figure import Figure
from edgekit.manifest import Manifest
from edgekit.performance.baseline import Baseline, artifact_sha256
from edgekit.results.gate import Reading
from edgekit.verdict import Interval


def moved_of(
    manifest: Manifest,
    measured: Mapping[str, Reading],
    baseline: Baseline,
    moved: Mapping[str, Figure],
) -> dict[str, Interval]:
    """Return the intervals of how much worse shares became.

    Of two artifacts on the same images the paired interval is known. Else each side has the
    interval of its difference to one student, and the distance of their far ends holds the change
    whatever goes together in them: no two differences deviate from each other by more than both do.
    A file that is the baseline's own decides as it did.

    Args:
        manifest: the bundle's.
        measured: by name.
        baseline: what to compare with.
        moved: shares as they changed from the baseline's own artifact, on the same images.

    Returns:
        by name; nothing for a share of which neither is known.
    """
    if artifact_sha256(manifest) == baseline.artifact_sha256:
        return {name: _apart(measured[name], baseline, name) for name in _both(measured, baseline)}
    found = {name: each.loss_interval for name, each in moved.items()}
    if not found and manifest.detector_sha256 == baseline.detector_sha256:
        found = {name: _far(measured, baseline, name) for name in _both(measured, baseline)}
    return {name: interval for name, interval in found.items() if interval is not None}


def _both(measured: Mapping[str, Reading], baseline: Baseline) -> list[str]:
    return [name for name in measured if name in baseline.figures]


def _apart(now: Reading, baseline: Baseline, name: str) -> Interval:
    """Return the change alone: the same file, on processors that may round otherwise."""
    change = baseline.figures[name].value - now.value
    return change, change


def _far(measured: Mapping[str, Reading], baseline: Baseline, name: str) -> Interval | None:
    before, now = baseline.figures[name].interval, measured[name].interval
    if before is None or now is None:
        return None
    return before[0] - now[1], before[1] - now[0]
