"""A gate's result as JUnit XML, one test case per figure, as CI systems show it beside tests."""

from xml.etree import ElementTree

from edgekit.performance.rows import Row, rows
from edgekit.results.measurement import Measurement
from edgekit.verdict import Verdict

_SKIPPED = (Verdict.INCONCLUSIVE, Verdict.UNAVAILABLE)


def junit(result: Measurement) -> str:
    """Write a result as a JUnit document.

    A figure that fails is a failure; one that is inconclusive, or could not be judged, is skipped
    with its reason: CI systems know no other verdict, and the command's exit code tells them apart.

    Args:
        result: as `run_gate` returns it.
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


def _name(result: Measurement) -> str:
    return f"edgekit.performance.{result.bundle}"


def _case(suite: ElementTree.Element, name: str, row: Row) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=name, name=row.name, time="0")
    if row.verdict is Verdict.FAIL:
        ElementTree.SubElement(case, "failure", message=row.reason).text = row.reason
    if row.verdict in _SKIPPED:
        ElementTree.SubElement(case, "skipped", message=row.reason)
    about = f"{row.value} (baseline {row.baseline}, change {row.change}, limit {row.limit})"
    ElementTree.SubElement(case, "system-out").text = about
