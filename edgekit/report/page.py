"""The report: one self-contained HTML page, nothing to load and nothing to run."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from edgekit.report import figures, matrix
from edgekit.report.bundles import (
    EVIDENCE,
    VERDICTS,
    Json,
    bundle_name,
    decisions_of,
    reasons_of,
    speed_of,
)
from edgekit.report.classes import class_table
from edgekit.report.plot import NAMED, marker, scatter
from edgekit.report.points import Point, sort_out
from edgekit.report.rows import COLUMNS, WORDS, build
from edgekit.report.slices import slice_matrix
from edgekit.report.trials import picture

_GROUPS = {"decisions": decisions_of, "speed": speed_of}


def render(results: Json) -> str:
    """Write the page.

    Args:
        results: plain JSON values: `project`, `edgekit` (version), `made` (UTC time), `machine`
            (`processor`, `cores`, `system`, `python`), `data` (by name: `images`,
            `sha256`, and `files`: see `edgekit.survey.Survey`),
            `detectors` (`name`, `parameters`, `size_bytes`, `metrics`, `slices`) and `bundles`
            (as `export --json` lists them, each with its `verify` and `bench`).

    Returns:
        a whole HTML document.
    """
    bundles = results["bundles"]
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
        searches=[(bundle_name(b), picture(b["search"])) for b in bundles if "search" in b],
        classes=class_table(bundles),
        slices=slice_matrix(results),
        matrices=[
            (bundle_name(b), matrix.picture(b["robustness"], f"{bundle_name(b)}: AUC"))
            for b in bundles
            if "robustness" in b
        ],
        failures=list(_lines(bundles)),
        evidence=EVIDENCE,
        write=figures,
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


def _count(bundles: list[Json], group: str) -> list[tuple[str, str, int]]:
    """Count the verdicts that occur: key, word, how many."""
    counts = Counter(_GROUPS[group](bundle)["verdict"] for bundle in bundles)
    return [(key, word, counts[key]) for key, word in VERDICTS.items() if counts[key]]


def _reference(bundles: list[Json]) -> float | None:
    """AUC that the artifacts are held against; None when they have several."""
    found = {figures.dig(bundle, "verify", "decision", "auc", "reference") for bundle in bundles}
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _keys(points: list[Point]) -> list[tuple[str, str]]:
    """Legend of the evidence that occurs, strongest first."""
    present = {point.evidence for point in points}
    return [(word, marker(word)) for word in EVIDENCE if word in present]


def _sizes(results: Json) -> list[tuple[str, str, float]]:
    """Name, size as text, and share of the largest in percent, largest first."""
    named = [(item["name"], item.get("size_bytes")) for item in results["detectors"]]
    named += [(bundle_name(item), item.get("size_bytes")) for item in results["bundles"]]
    known = sorted(((n, s) for n, s in named if s is not None), key=lambda item: -item[1])
    largest = max((size for _, size in known), default=0) or 1
    return [(name, figures.size(size), 100 * size / largest) for name, size in known]


def _lines(bundles: list[Json]) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield bundle, verdict, group and the lines that say why it did not pass."""
    for bundle in bundles:
        if "error" in bundle:
            yield bundle_name(bundle), "unavailable", "export", [bundle["error"]]
        for group, find in _GROUPS.items():
            found = find(bundle)
            if found["verdict"] in ("fail", "inconclusive"):
                yield bundle_name(bundle), found["verdict"], group, reasons_of(found)
        if figures.dig(bundle, "search", "verdict") == "fail":
            yield bundle_name(bundle), "fail", "search", [bundle["search"]["reason"]]
