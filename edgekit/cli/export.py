"""`edgekit export`: build bundles."""

from typing import Annotated

import typer

from edgekit.cli.options import HERE, ForceOption, JsonOption, ProjectOption
from edgekit.cli.paths import here
from edgekit.cli.session import EXIT_CODES
from edgekit.cli.work import workspace


def export(
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            "-t",
            help="Device family; several times for several. All of the project's when left out.",
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            "--precision",
            help="fp32, fp16, int8, dynamic, weight_only, or auto: the fastest inside the budget.",
        ),
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Build one bundle per target, after whatever it needs that is not done yet."""
    with workspace(project, as_json, "export" if force else None) as (current, space):
        from edgekit.export.target import checked_precision, target_named
        from edgekit.steps import export as step

        names = target or list(space.project.settings.targets)
        for name in names:  # before any work starts
            checked_precision(target_named(name), precision)
        rows = [step.row(space, step.export(space, name, precision)) for name in names]
        rows = [{**row, "path": here(row["path"])} for row in rows]
        current.emit({"bundles": rows})
        for row in rows:
            current.say(
                f"{row['target']} {row['precision']}: {row['path']} "
                f"({row['size_bytes'] / 1e6:.2f} MB, evidence {row['evidence']})"
            )
            if row.get("search", {}).get("verdict") == "fail":
                current.complain(f"{row['target']} auto: {row['search']['reason']}")
                current.code = EXIT_CODES["fail"]
