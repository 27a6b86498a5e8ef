"""Open the project and its workspace around a command's work."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.cli.command import Command, command, log_path

if TYPE_CHECKING:
    from edgekit.devices.device import Device
    from edgekit.steps.workspace import Workspace


@contextmanager
def workspace(
    project: Path, as_json: bool, force: str | None = None
) -> Iterator[tuple[Command, "Workspace"]]:
    """Open a project for a command.

    Args:
        project: its file, or the folder that holds it.
        as_json: `--json` was given.
        force: steps whose names begin so are done again; "" for all, None for none.
    """
    with command(as_json):
        from edgekit.steps.project import open_project

        opened = open_project(project)
    with command(as_json, log_path(opened.output)) as current:
        from edgekit.steps.workspace import Workspace

        yield current, Workspace(opened, current.reporter, force)


def opened(space: "Workspace", names: Sequence[str], runtime: str | None = None) -> list["Device"]:
    """Open Devices by what the user calls them; nothing is sent there yet.

    Args:
        space: the project, whose `[devices]` have names.
        names: of Devices, or URLs; one that is given twice counts once.
        runtime: the runtime to use there instead of the usual one.

    Raises:
        InputError: when one is unknown.
    """
    from edgekit.devices.known import find_device, known_devices

    known = known_devices(space.project.settings.devices, space.project.base)
    return [find_device(name, known, runtime) for name in dict.fromkeys(names)]
