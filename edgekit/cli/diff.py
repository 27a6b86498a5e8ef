"""`edgekit diff`: where do two bundles of one student part?"""

from pathlib import Path
from typing import Annotated, Any

import typer

from edgekit.cli.options import HERE, JsonOption, ProjectOption
from edgekit.cli.work import workspace

First = Annotated[str, typer.Argument(help="What is right: a bundle's folder, or `student`.")]
Second = Annotated[Path, typer.Argument(help="What is looked at: a bundle's folder.")]
STUDENT = "student"


def diff(
    first: First, second: Second, project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """Compare two bundles layer by layer and name the first layer that is wrong."""
    with workspace(project, as_json) as (current, space):
        from edgekit.steps import export
        from edgekit.verify.layers.diff import diff as compare

        right = None if first == STUDENT else Path(first)
        result = compare(export.student(space), right, second)
        current.code = 1 if result["wrong"] else 0
        current.emit(result)
        for row in result["layers"]:
            current.say(f"  {_decibels(row['sqnr_db'])}  {row['group']:<12} {row['layer']}")
        current.say(
            f"{result['second']['bundle']} (evidence {result['second']['evidence']}) against "
            f"{result['first']['bundle']} (evidence {result['first']['evidence']}): "
            f"{_verdict(result['wrong'])}"
        )


def _decibels(value: float | None) -> str:
    return "  not finite" if value is None else f"{value:9.1f} dB"


def _verdict(wrong: dict[str, Any] | None) -> str:
    if wrong is None:
        return "no layer is wrong"
    return f"{wrong['layer']} is the first wrong layer: {wrong['cause']}; {wrong['advice']}"
