"""A result's figures as people read them: rows, as JUnit for CI systems, as Markdown.

JUnit has one test case per figure, which CI systems show beside tests; the Markdown is for a pull
request.
"""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from edgekit.files import writing
from edgekit.performance.limits import KINDS
from edgekit.results.counted import Counted
from edgekit.results.gate import Comparison
from edgekit.results.measurement import Measurement
from edgekit.verdict import Verdict

DASH = "\u2014"
_UNITS = {"latency": "ms", "size": "bytes", "memory": "bytes"}
_SKIPPED = (Verdict.INCONCLUSIVE, Verdict.UNAVAILABLE)
_HEAD = (
    "| figure | now | baseline | change | limit | verdict |\n| :-- | --: | --: | --: | --: | :-- |"
)


@dataclass(frozen=True)
class Row:
    """One figure, written out."""

    name: str
    value: str
    baseline: str
    change: str
    limit: str
    verdict: Verdict
    reason: str = ""


def rows(result: Measurement | Counted) -> list[Row]:
    """Return one row per judged figure; without a gate, one for the latency or the count.

    Args:
        result: as `gate_bundle` or `gate_counts` returns it.
    """
    if result.gate is None:
        return [_alone(result) if isinstance(result, Measurement) else _only_counted(result)]
    return [_row(figure) for figure in result.gate.figures]


def _row(figure: Comparison) -> Row:
    name, change = figure.name, f"{figure.change:+.2%}"
    if figure.interval:
        low, high = figure.interval
        change += f" [{low:+.2%}, {high:+.2%}]"
    return Row(
        name,
        amount(name, figure.value),
        amount(name, figure.baseline),
        change,
        f"{figure.limit:.3g}" if KINDS[name] == "share" else f"{figure.limit:.1%}",
        figure.verdict,
        figure.reason,
    )


def _alone(result: Measurement) -> Row:
    against, value = result.against, amount("latency", result.p50_ms)
    reason = "; ".join(result.reasons)
    if against is None:
        return Row("latency", value, DASH, DASH, DASH, result.verdict, reason)
    low, high = against.ratio.interval
    change = f"{against.ratio.value - 1:+.2%} [{low - 1:+.2%}, {high - 1:+.2%}]"
    return Row("latency", value, against.name, change, DASH, result.verdict, reason)


def _only_counted(result: Counted) -> Row:
    value = amount("instructions", result.count.instructions)
    return Row("instructions", value, DASH, DASH, DASH, result.verdict)


def amount(name: str, value: float) -> str:
    """Write a figure with its unit."""
    if name == "latency":
        return f"{value:.3f} ms"
    if KINDS[name] == "share":
        return f"{value:.4f}"
    unit = _UNITS.get(name)
    return f"{value:,.0f} {unit}" if unit else f"{value:,.0f}"


def junit(result: Measurement | Counted) -> str:
    """Write a result as a JUnit document.

    A figure that fails is a failure; one that is inconclusive, or could not be judged, is skipped
    with its reason: CI systems know no other verdict, and the command's exit code tells them apart.

    Args:
        result: as `gate_bundle` returns it.
    """
    found = rows(result)
    about = {
        "name": _name(result),
        "tests": str(len(found)),
        "failures": str(sum(row.verdict is Verdict.FAIL for row in found)),
        "skipped": str(sum(row.verdict in _SKIPPED for row in found)),
        "errors": "0",
    }
    suite = ElementTree.Element("testsuite", about)
    for row in found:
        _case(suite, _name(result), row)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _name(result: Measurement | Counted) -> str:
    return "edgekit.performance." + result.bundle


def _case(suite: ElementTree.Element, name: str, row: Row) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=name, name=row.name, time="0")
    if row.verdict is Verdict.FAIL:
        ElementTree.SubElement(case, "failure", message=row.reason).text = row.reason
    if row.verdict in _SKIPPED:
        ElementTree.SubElement(case, "skipped", message=row.reason)
    about = f"{row.value} (baseline {row.baseline}, change {row.change}, limit {row.limit})"
    ElementTree.SubElement(case, "system-out").text = about


def summary(result: Measurement | Counted) -> str:
    """Write a result as a heading, a table and the lines that explain it.

    Args:
        result: as `gate_bundle` returns it.
    """
    lines = [f"### {result.bundle}: {result.verdict}", "", _HEAD]
    for row in rows(result):
        verdict = row.verdict if row.verdict is Verdict.PASS else f"**{row.verdict}**"
        cells = (row.name, row.value, row.baseline, row.change, row.limit, verdict)
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *[f"- {_plain(line)}" for line in result.said], _about(result), ""]
    return "\n".join(lines)


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _about(result: Measurement | Counted) -> str:
    if isinstance(result, Counted):
        return f"\n{result.about}."
    noise = result.noise
    steady = "noisy" if noise.noisy else "steady"
    if noise.throttled:
        steady = "growing slower"
    return (
        f"\n{result.pairs} pairs on `{result.device}`, evidence {result.evidence}, "
        f"{result.processor}, {result.runtime}, {result.threads} threads; the "
        f"machine was {steady} (levels spread by {noise.spread:.1%})."
    )


def append_summary(result: Measurement | Counted, path: Path) -> None:
    """Append the Markdown to a file, as `$GITHUB_STEP_SUMMARY` asks for.

    Raises:
        OutputError: when the place cannot take it.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(summary(result) + "\n")
