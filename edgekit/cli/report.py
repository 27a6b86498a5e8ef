"""`edgekit report`: one page with every figure and what it rests on."""

from edgekit.cli.command import refusal, worst_code
from edgekit.cli.options import HERE, JsonOption, ProjectOption
from edgekit.cli.paths import here
from edgekit.cli.work import workspace


def report(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Write the HTML report, after whatever it needs that is not done yet."""
    with workspace(project, as_json) as (current, space):
        from edgekit.steps import pipeline
        from edgekit.steps import report as step

        results = step.gather(space, pipeline.walk(space))
        page = step.write(space, results)
        refused = [row for row in results.bundles if row.error is not None]
        current.code = worst_code(row.exit_code or 0 for row in refused)
        current.emit({**results.to_json(), "report": here(page)})
        for row in refused:
            current.complain(refusal(row))
        current.say(f"Report: {here(page)}")
