"""Which bundles may stand in the plot, and where; the others with the reason why not."""

from dataclasses import dataclass

from edgekit.report.bundles import Json, bundle_name, decisions_of, reasons_of, speed_of, weaker
from edgekit.report.figures import dig


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
    evidence: str
    verdict: str

    @property
    def caption(self) -> str:
        """The name, with the verdict in words where it is not a pass."""
        return self.name if self.verdict == "pass" else f"{self.name} ({self.verdict})"


def sort_out(bundles: list[Json]) -> tuple[list[Point], list[tuple[str, str]]]:
    """Split bundles into points and (name, reason) of those without a place in the plot."""
    points: list[Point] = []
    absent: list[tuple[str, str]] = []
    for bundle in bundles:
        reason = _obstacle(bundle)
        if reason:
            absent.append((bundle_name(bundle), reason))
        else:
            points.append(_point(bundle))
    return points, absent


def _obstacle(bundle: Json) -> str:
    speed, decisions = speed_of(bundle), decisions_of(bundle)
    if speed.get("p50_ms") is None:
        return "; ".join(reasons_of(speed)) or "no latency was measured"
    if dig(decisions, "decision", "auc", "artifact") is None:
        return "; ".join(reasons_of(decisions)) or "it has no AUC"
    return ""


def _point(bundle: Json) -> Point:
    bench, verify = bundle["bench"], bundle["verify"]
    figure = verify["decision"]["auc"]
    low, high = figure["ci95"]
    return Point(
        bundle_name(bundle),
        bench["p50_ms"],
        figure["artifact"],
        (figure["reference"] + low, figure["reference"] + high),
        weaker(bench["evidence"], verify["evidence"]),
        verify["verdict"],
    )
