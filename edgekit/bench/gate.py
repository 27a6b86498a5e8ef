"""The gate: each figure of a bundle against a reviewed baseline, one verdict for each and for all.

A figure fails when its whole interval is beyond the limit, passes when all of it is inside, and is
inconclusive in between. Figures that do not vary have no interval.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from edgekit.bench.baseline import Baseline, Figure
from edgekit.bench.limits import KINDS, Limits
from edgekit.bench.ratio import Ratio, unpaired_ratio

# How much the level of a whole session differs from the next on one machine, as the logarithm's
# standard deviation. Only pairs are free of it.
DRIFT = 0.05
_VERIFY, _COUNT = ": run `edgekit verify` first", ": add `--count instructions`"
_HOW = {"auc": _VERIFY, "accuracy": _VERIFY, "instructions": _COUNT, "cache_misses": _COUNT}


@dataclass(frozen=True)
class Finding:
    """One figure's comparison.

    Attributes:
        name: of the figure.
        value: now.
        baseline: as it was reviewed.
        change: relative to the baseline, or the difference of shares; positive is worse.
        ci95: interval of the change; None where the figure does not vary.
        limit: the change that is let pass.
        verdict: `pass`, `fail` or `inconclusive`.
        reason: a line unless it passes.
    """

    name: str
    value: float
    baseline: float
    change: float
    ci95: tuple[float, float] | None
    limit: float
    verdict: str
    reason: str = ""


def compare(
    measured: Mapping[str, Mapping[str, Any]],
    baseline: Baseline,
    limits: Limits,
    paired: Mapping[str, Ratio],
    judgeable: bool,
    throttled: bool,
) -> list[Finding]:
    """Compare every figure that both sides have.

    Args:
        measured: value, samples and what it depends on, by name of the figure.
        baseline: what to compare with.
        limits: what is let pass.
        paired: ratios that were measured beside the baseline's own bundle, by name of the figure.
        judgeable: whether a time here says anything about the target.
        throttled: whether the machine grew slower during the measurement.
    """
    found = []
    for name, kind in KINDS.items():
        if name not in measured or name not in baseline.figures:
            continue
        ours, theirs = Figure.parse(measured[name], name), baseline.figures[name]
        limit = float(getattr(limits, name))
        if kind == "time":
            finding = _varying(name, ours, theirs, limit, paired.get(name), throttled)
        else:
            finding = _exact(name, ours, theirs, limit, kind)
        found.append(_unjudged(finding) if name == "latency" and not judgeable else finding)
    return found


def notes(measured: Mapping[str, Any], baseline: Baseline, student_sha256: str) -> list[str]:
    """Say what a reader of the verdict may not expect.

    Args:
        measured: figures by name.
        baseline: what they were compared with.
        student_sha256: of the float student that the bundle was built from.
    """
    missing = [name for name in baseline.figures if name not in measured]
    lines = [
        f"{name} is in the baseline and was not measured{_HOW.get(name, '')}" for name in missing
    ]
    if student_sha256 != baseline.detector_sha256:
        lines.append("the student is another one than the baseline's")
    return lines


def _varying(
    name: str, ours: Figure, theirs: Figure, limit: float, paired: Ratio | None, throttled: bool
) -> Finding:
    alone = paired is None
    drift = DRIFT if name == "latency" else 0.0
    ratio = paired or unpaired_ratio(ours.samples, theirs.samples, drift)
    verdict, _ = ratio.verdict(1 + limit)
    low, high = ratio.low - 1, ratio.high - 1
    reason = f"{name} {_said(ratio.value - 1)} [{_said(low)}, {_said(high)}], limit {limit:.3g}"
    if alone and throttled and name == "latency":
        verdict, reason = "inconclusive", f"{reason}: the machine grew slower meanwhile"
    elif verdict == "inconclusive":
        reason += _remedy(name, ratio, limit, alone)
    return Finding(
        name, ours.value, theirs.value, ratio.value - 1, (low, high), limit, verdict,
        "" if verdict == "pass" else reason,
    )  # fmt: skip


def _remedy(name: str, ratio: Ratio, limit: float, alone: bool) -> str:
    if alone and name == "latency":
        return ": sessions differ by more than that; give the baseline's bundle with --against"
    return f": about {ratio.pairs_to_decide(1 + limit)} pairs would decide it"


def _exact(name: str, ours: Figure, theirs: Figure, limit: float, kind: str) -> Finding:
    change = theirs.value - ours.value
    if kind == "relative":
        change = -change / theirs.value if theirs.value else float(ours.value > 0)
    verdict, reason = "pass", ""
    if ours.about != theirs.about:
        verdict = "inconclusive"
        reason = f"{name} was measured otherwise: {_otherwise(ours.about, theirs.about)}"
    elif change > limit:
        verdict, reason = "fail", f"{name} {_said(change)}, limit {limit:.3g}"
    # Adding zero turns -0.0, which would be shown as a loss, into 0.0.
    return Finding(name, ours.value, theirs.value, change + 0.0, None, limit, verdict, reason)


def _otherwise(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """Name what differs between two ways to measure."""
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    return "; ".join(
        f"{name} {_short(theirs.get(name))} then, {_short(ours.get(name))} now" for name in names
    )


def _short(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def _said(change: float) -> str:
    return f"{change:+.2%}"


def _unjudged(finding: Finding) -> Finding:
    reason = "timed with an interpreter of the artifact, which says nothing about the target"
    return Finding(**{**asdict(finding), "verdict": "inconclusive", "reason": reason})


def overall(findings: list[Finding]) -> str:
    """Return the verdict on all figures: the worst."""
    verdicts = [finding.verdict for finding in findings]
    return next((name for name in ("fail", "inconclusive") if name in verdicts), "pass")
