"""The report: one self-contained HTML page, nothing to load and nothing to run."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from edgekit.report import matrix, numbers
from edgekit.report.bundles import EVIDENCE, VERDICTS, decisions_of, reasons_of, speed_of
from edgekit.report.classes import class_table
from edgekit.report.plot import NAMED, marker, scatter
from edgekit.report.points import Point, sort_out
from edgekit.report.rows import COLUMNS, WORDS, build
from edgekit.report.slices import slice_matrix
from edgekit.report.trials import picture
from edgekit.results.project import BundleResult, ProjectResult
from edgekit.results.unmeasured import Unmeasured
from edgekit.verdict import Verdict

_GROUPS = {"decisions": decisions_of, "speed": speed_of}


def render(results: ProjectResult) -> str:
    """Write the page.

    Args:
        results: what it shows.

    Returns:
        a whole HTML document.
    """
    bundles = results.bundles
    points, absent = sort_out(bundles)
    return _template().render(
        results=results,
        columns=COLUMNS,
        words=WORDS,
        table=build(results),
        summary=[(group.capitalize(), _count(bundles, group)) for group in _GROUPS],
        plot=scatter(points, _reference(bundles)) if points else "",
        keys=_keys(points),
        numbers=[p.caption for p in points] if len(points) > NAMED else [],
        absent=absent,
        sizes=_sizes(results),
        searches=[(b.name, picture(b.search)) for b in bundles if b.search],
        classes=class_table(bundles),
        slices=slice_matrix(results),
        matrices=[
            (b.name, matrix.picture(b.robustness, f"{b.name}: AUC"))
            for b in bundles
            if b.robustness
        ],
        failures=list(_lines(bundles)),
        evidence=EVIDENCE,
        write=numbers,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("edgekit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _count(bundles: Sequence[BundleResult], group: str) -> list[tuple[str, str, int]]:
    """Count the verdicts that occur: key, word, how many."""
    counts = Counter(_GROUPS[group](bundle).verdict for bundle in bundles)
    return [(key, word, counts[key]) for key, word in VERDICTS.items() if counts[key]]


def _reference(bundles: Sequence[BundleResult]) -> float | None:
    """AUC that the artifacts are held against; None when they have several."""
    judged = [each.verify for each in bundles if not isinstance(each.verify, Unmeasured)]
    found = {each.decision.auc.reference for each in judged} - {None}
    return found.pop() if len(found) == 1 else None


def _keys(points: list[Point]) -> list[tuple[str, str]]:
    """Legend of the evidence that occurs, strongest first."""
    present = {point.evidence for point in points}
    return [(word, marker(word)) for word in EVIDENCE if word in present]


def _sizes(results: ProjectResult) -> list[tuple[str, str, float]]:
    """Name, size as text, and share of the largest in percent, largest first."""
    named = [(item.name, item.size_bytes) for item in results.detectors]
    named += [(item.name, item.size_bytes) for item in results.bundles]
    known = sorted(((n, s) for n, s in named if s is not None), key=lambda item: -item[1])
    largest = max((size for _, size in known), default=0) or 1
    return [(name, numbers.size(size), 100 * size / largest) for name, size in known]


def _lines(bundles: Sequence[BundleResult]) -> Iterator[tuple[str, Verdict, str, list[str]]]:
    """Yield bundle, verdict, group and the lines that say why it did not pass."""
    for bundle in bundles:
        if bundle.error is not None:
            yield bundle.name, Verdict.UNAVAILABLE, "export", [bundle.error]
        for group, find in _GROUPS.items():
            found = find(bundle)
            if found.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
                yield bundle.name, found.verdict, group, reasons_of(found)
        if bundle.search is not None and bundle.search.verdict is Verdict.FAIL:
            yield bundle.name, Verdict.FAIL, "search", [bundle.search.reason]
