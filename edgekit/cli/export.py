"""`edgekit export`: build bundles."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgekit.cli.command import EXIT_CODES, Command, complain, worst_code
from edgekit.cli.options import HERE, ForceOption, JsonOption, ProjectOption
from edgekit.cli.paths import here
from edgekit.cli.work import opened, workspace

if TYPE_CHECKING:
    from edgekit.errors import EdgekitError
    from edgekit.results.fastest import Fastest
    from edgekit.results.project import ExportResult
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
        current.code = worst_code(_code(row) for row in rows)
        found = fastest(space, [path for path in made.values() if isinstance(path, Path)], where)
        shown = {"fastest": found.to_json()} if found else {}
        current.emit({"bundles": [row.to_json() for row in rows], **shown})
        for row in rows:
            _say(current, row)
        if found:
            _name(current, found)


def _row(
    space: "Workspace", name: str, precision: str | None, found: "Path | EdgekitError"
) -> "ExportResult":
    from edgekit.steps.exported import refused, row

    if not isinstance(found, Path):
        return refused(space, name, precision, found)
    return row(space, found).model_copy(update={"path": here(found)})


def _code(row: "ExportResult") -> int:
    if row.exit_code is not None:
        return row.exit_code
    return EXIT_CODES[row.search.verdict] if row.search else 0


def _say(current: Command, row: "ExportResult") -> None:
    if row.size_bytes is not None:
        size = f"{row.size_bytes / 1e6:.2f} MB"
        said = f"{row.target} {row.precision}: {row.path} ({size}, evidence {row.evidence})"
        current.say(said)
    for note in row.notes:
        current.say(f"  {note}")
    complain(current, row)


def _name(current: Command, found: "Fastest") -> None:
    low, high = found.interval
    best = f"{found.target} is the fastest" if found.target else "none is the fastest"
    said = f"{found.ratio:.3f} [{low:.3f}, {high:.3f}] times the latency of {found.other}"
    current.say(f"{best} on this machine: {said}")
