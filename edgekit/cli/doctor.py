"""`edgekit doctor`: what works here, and the line that installs what does not."""

from edgekit.cli.command import command
from edgekit.cli.options import JsonOption


def doctor(as_json: JsonOption = False) -> None:
    """Name every runtime, extra and system tool, and whether it works here."""
    with command(as_json) as current:
        from edgekit.doctor import examine

        examination = examine()
        current.emit(examination.to_json())
        for finding in examination.findings:
            state = "works" if finding.works else "missing"
            line = f"{finding.name:<18} {state:<8} {finding.detail}"
            current.say(
                line if finding.works or not finding.install else f"{line}  ->  {finding.install}"
            )
