"""`edgekit export`: build bundles."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edgekit.cli.options import HERE, ForceOption, JsonOption, ProjectOption
from edgekit.cli.paths import here
from edgekit.cli.session import EXIT_CODES, Session, refusal, worst
from edgekit.cli.work import opened, workspace

if TYPE_CHECKING:
    from edgekit.errors import EdgekitError
    from edgekit.steps.workspace import Workspace


def export(
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            "-t",
            help="Device family; several with commas, or several times. All of the project's when "
            "left out.",
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            "--precision",
            help="fp32, fp16, int8, dynamic, weight_only, or auto: the fastest inside the budget.",
        ),
    ] = None,
    device: Annotated[
        str, typer.Option("--device", help="Where --precision auto runs its candidates.")
    ] = "local",
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Build one bundle per target, after what it needs; one that is refused ends no other."""
    with workspace(project, as_json, "export" if force else None) as (current, space):
        from edgekit.steps import export as step
        from edgekit.steps.fastest import fastest

        names = [name.strip() for item in target or () for name in item.split(",")]
        wanted, where = names or list(space.project.settings.targets), opened(space, [device])[0]
        made = step.export_each(space, wanted, precision, where)
        rows = [_row(space, name, precision, found) for name, found in made.items()]
        current.code = worst([_code(row) for row in rows])
        found = fastest(space, [path for path in made.values() if isinstance(path, Path)], where)
        current.emit({"bundles": rows, **({"fastest": found} if found else {})})
        for row in rows:
            _say(current, row)
        if found:
            _name(current, found)


def _row(
    space: "Workspace", name: str, precision: str | None, found: "Path | EdgekitError"
) -> dict[str, Any]:
    from edgekit.steps import export as step

    if not isinstance(found, Path):
        return step.refused(space, name, precision, found)
    return {**step.row(space, found), "path": here(found)}


def _code(row: dict[str, Any]) -> int:
    if "error" in row:
        return int(row["exit_code"])
    return EXIT_CODES[row.get("search", {}).get("verdict", "pass")]


def _say(current: Session, row: dict[str, Any]) -> None:
    if "error" in row:
        current.complain(refusal(row))
        return
    current.say(
        f"{row['target']} {row['precision']}: {row['path']} "
        f"({row['size_bytes'] / 1e6:.2f} MB, evidence {row['evidence']})"
    )
    for note in row["notes"]:
        current.say(f"  {note}")
    if row.get("search", {}).get("verdict") == "fail":
        current.complain(f"{row['target']} auto: {row['search']['reason']}")


def _name(current: Session, found: dict[str, Any]) -> None:
    low, high = found["ci95"]
    best = f"{found['target']} is the fastest" if found["target"] else "none is the fastest"
    said = f"{found['ratio']:.3f} [{low:.3f}, {high:.3f}] times the latency of {found['other']}"
    current.say(f"{best} on this machine: {said}")
