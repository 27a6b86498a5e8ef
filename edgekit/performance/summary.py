"""A gate's result as Markdown for a pull request."""

from pathlib import Path

from edgekit.files import writing
from edgekit.performance.rows import rows
from edgekit.results.measurement import Measurement
from edgekit.verdict import Verdict

_HEAD = (
    "| figure | now | baseline | change | limit | verdict |\n| :-- | --: | --: | --: | --: | :-- |"
)


def summary(result: Measurement) -> str:
    """Write a result as a heading, a table and the lines that explain it.

    Args:
        result: as `run_gate` returns it.
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


def _about(result: Measurement) -> str:
    noise = result.noise
    steady = "noisy" if noise.noisy else "steady"
    if noise.throttled:
        steady = "growing slower"
    return (
        f"\n{result.pairs} pairs on `{result.device}`, evidence {result.evidence}, "
        f"{result.processor}, {result.runtime}, {result.threads} threads; the "
        f"machine was {steady} (levels spread by {noise.spread:.1%})."
    )


def append_summary(result: Measurement, path: Path) -> None:
    """Append the Markdown to a file, as `$GITHUB_STEP_SUMMARY` asks for.

    Raises:
        OutputError: when the place cannot take it.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(summary(result) + "\n")
