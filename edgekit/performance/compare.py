"""Each figure of a bundle against a reviewed baseline, one verdict for each.

A figure fails when its whole interval is beyond the limit, passes when all of it is inside, and is
inconclusive in between. Size and counts do not vary and have no interval.
"""

from collections.abc import Mapping

from edgekit.performance.baseline import Baseline, Reviewed
from edgekit.performance.limits import KINDS, Limits
from edgekit.performance.ratio import unpaired_ratio
from edgekit.results.gate import Comparison, Reading
from edgekit.results.measurement import Measurement
from edgekit.results.ratio import Ratio
from edgekit.settings import Json
from edgekit.verdict import Interval, Verdict, held

# How much the level of a whole measurement differs from the next on one machine, as the logarithm's
# standard deviation. Only duets are free of it.
DRIFT = 0.05
_VERIFY, _COUNT = ": run `edgekit verify` first", ": add `--count instructions`"
AGAINST = "give the baseline's bundle with --against"
_HOW = {"auc": _VERIFY, "accuracy": _VERIFY, "instructions": _COUNT, "cache_misses": _COUNT}


def compare(
    measured: Mapping[str, Reading],
    baseline: Baseline,
    limits: Limits,
    paired: Mapping[str, Ratio],
    judgeable: bool,
    throttled: bool,
    moved: Mapping[str, Interval],
) -> list[Comparison]:
    """Compare every figure that both sides have.

    Args:
        measured: by name of the figure.
        baseline: what to compare with.
        limits: what is let pass.
        paired: ratios that were measured beside the baseline's own bundle, by name of the figure.
        judgeable: whether a time here says anything about the target.
        throttled: whether the machine grew slower during the measurement.
        moved: how much worse shares became at least and at most, by name; see `shares.py`.
    """
    found = []
    for name, kind in KINDS.items():
        if name not in measured or name not in baseline.figures:
            continue
        ours, theirs = Reviewed.of(measured[name]), baseline.figures[name]
        limit = float(getattr(limits, name))
        if kind == "varying":
            figure = _varying(name, ours, theirs, limit, paired.get(name), throttled)
        elif kind == "share":
            figure = _share(name, ours, theirs, limit, moved.get(name))
        else:
            figure = _exact(name, ours, theirs, limit)
        found.append(_unjudged(figure) if name == "latency" and not judgeable else figure)
    return found


def paired_of(result: Measurement) -> dict[str, Ratio]:
    """Return the ratios that were measured beside the baseline's own bundle."""
    if result.against is None:
        return {}
    paired = {"latency": result.against.ratio}
    own, other = result.samples.peak_mem_bytes, result.samples.other_peak_mem_bytes
    if len(other) > 1 and all(own) and all(other):
        paired["memory"] = unpaired_ratio(own, other)
    return paired


def notes(measured: Mapping[str, Reading], baseline: Baseline, student_sha256: str) -> list[str]:
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
    name: str, ours: Reviewed, theirs: Reviewed, limit: float, paired: Ratio | None, throttled: bool
) -> Comparison:
    alone = paired is None
    drift = DRIFT if name == "latency" else 0.0
    ratio = paired or unpaired_ratio(ours.samples, theirs.samples, drift)
    verdict, _ = ratio.verdict(1 + limit)
    low, high = ratio.low - 1, ratio.high - 1
    reason = f"{name} {_said(ratio.value - 1)} [{_said(low)}, {_said(high)}], limit {limit:.3g}"
    if alone and throttled and name == "latency":
        verdict, reason = Verdict.INCONCLUSIVE, f"{reason}: the machine grew slower meanwhile"
    elif verdict is Verdict.INCONCLUSIVE:
        reason += _remedy(name, ratio, limit, alone)
    return Comparison(
        name=name,
        value=ours.value,
        baseline=theirs.value,
        change=ratio.value - 1,
        interval=(low, high),
        limit=limit,
        verdict=verdict,
        reason="" if verdict is Verdict.PASS else reason,
    )


def _remedy(name: str, ratio: Ratio, limit: float, alone: bool) -> str:
    if alone and name == "latency":
        return f": measurements differ by more than that; {AGAINST}"
    return f": about {ratio.duets_to_decide(1 + limit)} pairs would decide it"


def _share(
    name: str, ours: Reviewed, theirs: Reviewed, limit: float, moved: Interval | None
) -> Comparison:
    """Judge a share of the decisions by the interval of its change, however far it moved."""
    found = _plain(name, ours, theirs, limit, theirs.value - ours.value)
    if found.verdict is Verdict.INCONCLUSIVE:  # measured otherwise
        return found
    said = f"{name} {_said(found.change)}"
    if moved is None:
        verdict, why = Verdict.INCONCLUSIVE, f"{said} without an interval: {AGAINST}"
    else:
        low, high = moved = (moved[0] + 0.0, moved[1] + 0.0)
        verdict = held(moved, limit)
        why = f"{said} [{_said(low)}, {_said(high)}], limit {limit:.3g}"
        if verdict is Verdict.INCONCLUSIVE:
            why += f": {AGAINST}, or test on more images"
    reason = "" if verdict is Verdict.PASS else why
    return found.model_copy(update={"interval": moved, "verdict": verdict, "reason": reason})


def _exact(name: str, ours: Reviewed, theirs: Reviewed, limit: float) -> Comparison:
    """Judge an amount that does not vary."""
    grown = (ours.value - theirs.value) / theirs.value if theirs.value else float(ours.value > 0)
    found = _plain(name, ours, theirs, limit, grown)
    if found.verdict is Verdict.INCONCLUSIVE or grown <= limit:
        return found
    reason = f"{name} {_said(grown)}, limit {limit:.3g}"
    return found.model_copy(update={"verdict": Verdict.FAIL, "reason": reason})


def _plain(name: str, ours: Reviewed, theirs: Reviewed, limit: float, change: float) -> Comparison:
    """Write two values beside each other; `inconclusive` where they were measured otherwise."""
    same = ours.about == theirs.about
    reason = f"{name} was measured otherwise: {_otherwise(ours.about, theirs.about)}"
    # Adding zero turns -0.0, which would be shown as a loss, into 0.0.
    return Comparison(
        name=name,
        value=ours.value,
        baseline=theirs.value,
        change=change + 0.0,
        limit=limit,
        verdict=Verdict.PASS if same else Verdict.INCONCLUSIVE,
        reason="" if same else reason,
    )


def _otherwise(ours: Json, theirs: Json) -> str:
    """Name what differs between two ways to measure."""
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    return "; ".join(
        f"{name} {_short(theirs.get(name))} then, {_short(ours.get(name))} now" for name in names
    )


def _short(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _said(change: float) -> str:
    return f"{change:+.2%}"


def _unjudged(figure: Comparison) -> Comparison:
    reason = "timed with an interpreter of the artifact, which says nothing about the target"
    return figure.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})
