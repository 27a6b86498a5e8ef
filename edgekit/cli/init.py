"""`edgekit init`: a project with the sample detector, ready to run."""

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli.command import command
from edgekit.cli.options import JsonOption


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make the project in.")] = Path("."),
    as_json: JsonOption = False,
) -> None:
    """Make a project with the sample teacher, as a start for your own."""
    with command(as_json) as current:
        from edgekit.sample.project import make_project

        path = make_project(folder)
        current.emit({"project": str(path)})
        current.say(f"{path} is ready. Next: cd {folder} && edgekit run")
