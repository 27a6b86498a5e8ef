"""`edgekit diff`: where do two bundles of one student part?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgekit.cli.options import HERE, DeviceOption, JsonOption, ProjectOption
from edgekit.cli.work import opened, workspace

if TYPE_CHECKING:
    from edgekit.results.layers import Side, WrongLayer

First = Annotated[str, typer.Argument(help="What is right: a bundle's folder, or `student`.")]
Second = Annotated[Path, typer.Argument(help="What is looked at: a bundle's folder.")]
STUDENT = "student"


def diff(
    first: First,
    second: Second,
    device: DeviceOption = "local",
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Compare two bundles layer by layer and name the first layer that is wrong."""
    with workspace(project, as_json) as (current, space):
        from edgekit.steps import calibrate
        from edgekit.verification.layers.diff import diff as compare

        right = None if first == STUDENT else Path(first)
        where = opened(space, [device])[0]
        result = compare(calibrate.student(space), where, right, second)
        current.code = 1 if result.wrong else 0
        current.emit(result.to_json())
        for row in result.layers:
            current.say(f"  {_decibels(row.sqnr_db)}  {row.group:<12} {row.layer}")
        sides = f"{_side(result.second)} against {_side(result.first)}"
        current.say(f"{sides}: {_verdict(result.wrong)}")


def _side(side: "Side") -> str:
    """Name a side; what nothing was run of is the Program itself."""
    return f"{side.bundle} (evidence {side.evidence})" if side.evidence else side.bundle


def _decibels(value: float | None) -> str:
    return "  not finite" if value is None else f"{value:9.1f} dB"


def _verdict(wrong: "WrongLayer | None") -> str:
    if wrong is None:
        return "no layer is wrong"
    return f"{wrong.layer} is the first wrong layer: {wrong.cause}; {wrong.advice}"
