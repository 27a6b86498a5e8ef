"""`edgekit devices`: where bundles can run, and what is missing there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edgekit.cli.command import Command, command
from edgekit.cli.options import HERE, JsonOption, ProjectOption

if TYPE_CHECKING:
    from edgekit.devices.survey import DeviceReport

NamesArgument = Annotated[
    list[str] | None, typer.Argument(help="Names or URLs of devices; all that have a name.")
]
PrepareOption = Annotated[
    bool, typer.Option("--prepare", help="Put the runtimes in place there, so that runs need not.")
]


def devices(
    names: NamesArgument = None,
    project: ProjectOption = HERE,
    prepare: PrepareOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the devices and ask each what it is."""
    with command(as_json) as current:
        from edgekit.devices.known import find_device, known_devices
        from edgekit.devices.survey import survey

        known = known_devices(*_named(project))
        chosen = [find_device(name, known) for name in names or known]
        current.reporter.start("asking the devices")
        found = survey(chosen, prepare)
        current.reporter.close()
        current.emit({"devices": [row.to_json() for row in found]})
        for row in found:
            _say(current, row)
        if names and not all(row.works for row in found):
            current.code = 3


def _named(project: Path) -> tuple[Any, Path] | tuple[()]:
    """Return the project's `[devices]`; it need not be there, unless it was named."""
    if project == HERE and not project.exists():
        return ()
    from edgekit.steps.project import open_project

    opened = open_project(project)
    return opened.settings.devices, opened.base


def _say(current: Command, row: "DeviceReport") -> None:
    state = "works" if row.works else "missing"
    line = f"{row.name:<12} {state:<8} {row.detail}"
    if not row.works:
        current.say(f"{line}  ->  {row.fix}" if row.fix else line)
        return
    runtimes = ", ".join(f"{name} {version}" for name, version in row.runtimes.items())
    room = f", {row.free_bytes / 2**30:.1f} GiB free" if row.free_bytes is not None else ""
    current.say(
        f"{line}, {row.machine}, Python {row.python}{room}\n"
        f"{'':<22}of its own: {runtimes or 'no runtime, edgekit brings it'}"
    )
    for fault in row.faults:
        current.say(f"{'':<22}{fault}")
