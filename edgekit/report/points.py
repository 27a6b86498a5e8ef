"""Which bundles may stand in the plot, and where; the others with the reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass

from edgekit.evidence import Evidence, weaker
from edgekit.figure import Figure
from edgekit.report.bundles import decisions_of, reasons_of, speed_of
from edgekit.results.project import BundleResult
from edgekit.results.unmeasured import Unmeasured
from edgekit.verdict import Interval, Verdict


@dataclass(frozen=True)
class Point:
    """A bundle with a latency of the target's runtime and an AUC.

    Attributes:
        name: of the bundle.
        latency: p50, milliseconds.
        auc: of the artifact.
        interval: AUC of the reference plus the 95% interval of the difference.
        evidence: the weaker of the latency's and the AUC's.
        verdict: of the decisions.
    """

    name: str
    latency: float
    auc: float
    interval: tuple[float, float]
    evidence: Evidence
    verdict: Verdict

    @property
    def caption(self) -> str:
        """The name, with the verdict in words where it is not a pass."""
        return self.name if self.verdict is Verdict.PASS else f"{self.name} ({self.verdict})"


def sort_out(bundles: Sequence[BundleResult]) -> tuple[list[Point], list[tuple[str, str]]]:
    """Split bundles into points and (name, reason) of those without a place in the plot."""
    points: list[Point] = []
    absent: list[tuple[str, str]] = []
    for bundle in bundles:
        found = _place(bundle)
        if isinstance(found, str):
            absent.append((bundle.name, found))
        else:
            points.append(found)
    return points, absent


def _place(bundle: BundleResult) -> Point | str:
    """Return a bundle's point, or why it has none."""
    speed, decisions = speed_of(bundle), decisions_of(bundle)
    if isinstance(speed, Unmeasured):
        return "; ".join(reasons_of(speed))
    auc = None if isinstance(decisions, Unmeasured) else _auc(decisions.decision.auc)
    if isinstance(decisions, Unmeasured) or auc is None:
        return "; ".join(reasons_of(decisions)) or "it has no AUC"
    evidence = weaker(speed.evidence, decisions.evidence)
    return Point(bundle.name, speed.p50_ms, *auc, evidence, decisions.verdict)


def _auc(figure: Figure) -> tuple[float, Interval] | None:
    """Return the artifact's AUC, and the reference's plus the interval of the difference."""
    if figure.reference is None or figure.artifact is None or figure.interval is None:
        return None
    low, high = figure.interval
    return figure.artifact, (figure.reference + low, figure.reference + high)
