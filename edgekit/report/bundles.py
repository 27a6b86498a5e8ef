"""What evidence is worth, and the verdicts that a bundle has."""

from collections.abc import Iterator

from edgekit.evidence import Evidence
from edgekit.report.numbers import milliseconds
from edgekit.results.measurement import Measured, Measurement
from edgekit.results.project import BundleResult
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verification
from edgekit.verdict import Verdict

# What verify or bench said of a bundle.
Part = Verification | Measurement | Unmeasured

_MEANINGS = {
    Evidence.DEVICE: "measured on the target's own hardware",
    Evidence.EMULATED: "the target's own runtime build, on an emulated core",
    Evidence.HOST: "the target's runtime, on the core of the machine that made this report",
    Evidence.REFERENCE: "an interpreter of the artifact, not the target's runtime: "
    "it speaks of decisions, not of speed",
    Evidence.COMPILED: "the target's compiler accepted the artifact; nothing was run",
}
# Strongest first.
EVIDENCE = {word: _MEANINGS[word] for word in reversed(Evidence)}

VERDICTS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.UNAVAILABLE: "not judged here",
}


def decisions_of(bundle: BundleResult) -> Verification | Unmeasured:
    """Return what verify said of the bundle."""
    return bundle.verify


def speed_of(bundle: BundleResult) -> Measured:
    """Return what bench said of the bundle.

    A time that was not taken on the target's runtime says nothing of the target and is withheld.
    """
    bench = bundle.bench
    if isinstance(bench, Unmeasured) or bench.evidence.timed:
        return bench
    time = milliseconds(bench.p50_ms)
    reason = f"{bundle.name} took {time} with evidence '{bench.evidence}'"
    return Unmeasured.unavailable(f"{reason}, which is not the target's runtime")


def reasons_of(part: Part) -> list[str]:
    """Return the lines that say why a verdict is no pass; none where it is one.

    Args:
        part: what verify or bench said of a bundle.
    """
    if part.verdict is Verdict.PASS:
        return []
    lines = _reasons(part)
    return lines or [f"{part.verdict} without a reason on record"]


def _reasons(part: Part) -> list[str]:
    if isinstance(part, Measurement):
        return list(part.reasons)
    if isinstance(part, Unmeasured):
        return [part.reason] if part.reason else []
    return list(_why(part))


def _why(found: Verification) -> Iterator[str]:
    yield from found.failures
    if found.plain is not None:
        kernels = "it fails with the kernels of this processor, which its target is not for"
        yield f"{kernels}; with plain ones the verdict is {found.plain}"
    elif found.verdict is Verdict.INCONCLUSIVE and not found.failures:
        yield _undecided(found)
    if found.cause is not None:
        yield f"cause: {found.cause.what}: {found.cause.advice}"


def _undecided(found: Verification) -> str:
    images, groups = found.images_to_decide, found.groups_to_decide
    held = "" if groups is None else f" of {groups:,} groups"
    would = "" if images is None else f"; about {images:,} images{held} would decide"
    if found.groups is not None and not found.groups.enough:
        few, needed = found.groups.fewest, found.groups.needed
        return f"{few} groups of a class decide nothing, {needed} may{would}"
    return f"an interval reaches across its budget{would}"
