"""`edgekit run`: the whole way, from the teacher to the report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgekit.cli.command import EXIT_CODES, command, complain, worst_code
from edgekit.cli.options import HERE, ForceOption, JsonOption
from edgekit.cli.paths import here
from edgekit.cli.work import workspace
from edgekit.verdict import Verdict, worst

if TYPE_CHECKING:
    from edgekit.evidence import Evidence
    from edgekit.results.project import BundleResult


def run(
    project: Annotated[Path, typer.Argument(help="Project file, or its folder.")] = HERE,
    as_json: JsonOption = False,
    force: ForceOption = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be done and why, and do nothing.")
    ] = False,
) -> None:
    """Distil, calibrate, export, verify, bench and report; only what is not done yet."""
    if plan:
        _plan(project, as_json, force)
        return
    with workspace(project, as_json, "" if force else None) as (current, space):
        from edgekit.report.terminal import table
        from edgekit.steps import pipeline, report

        results = report.gather(space, pipeline.walk(space))
        page = report.write(space, results)
        accepted = {name: table.accept for name, table in space.project.settings.targets.items()}
        current.code = worst_code(_code(row, accepted[row.target]) for row in results.bundles)
        current.emit({**results.to_json(), "report": here(page)})
        current.say(table(results))
        for row in results.bundles:
            complain(current, row)
        current.say(f"Report: {here(page)}")


def _plan(project: Path, as_json: bool, force: bool) -> None:
    with command(as_json) as current:
        from edgekit.steps import pipeline
        from edgekit.steps.project import open_project
        from edgekit.steps.workspace import Workspace

        found = pipeline.plan(Workspace(open_project(project), force="" if force else None))
        current.emit({"steps": [planned.to_json() for planned in found]})
        for planned in found:
            current.say(planned.line())


def _code(row: "BundleResult", accepted: "Evidence") -> int:
    """Turn a bundle's verdicts into an exit code.

    A bundle that nothing here can execute, or whose speed nothing here can judge, is done when the
    project accepts the evidence it has.
    """
    if row.exit_code is not None:
        return row.exit_code
    earned = row.evidence is not None and row.evidence.reaches(accepted)
    found = [part.verdict for part in (row.verify, row.bench)]
    judged = [each for each in found if not (each is Verdict.UNAVAILABLE and earned)]
    searched = [row.search.verdict] if row.search else []
    return EXIT_CODES[worst([*searched, *judged])]
