"""The Devices that the user has named: in the project file, or in a file for all projects."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_config_path
from pydantic import Field

from edgekit.devices.device import TRANSPORTS, Device, open_device
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import InputError
from edgekit.settings import Settings

BUILT_IN = ("local", "emulated", "emulated-x86")


class UserFile(Settings):
    """The user's own file.

    Attributes:
        devices: settings of a Device by its name.
    """

    devices: dict[str, DeviceSettings] = Field(default_factory=dict)


def user_file() -> Path:
    """Return where the user's own Devices are named."""
    return user_config_path("edgekit") / "devices.toml"


def known_devices(
    project: Mapping[str, DeviceSettings] | None = None, base: Path | None = None
) -> dict[str, DeviceSettings]:
    """Return every Device that has a name; the project's win over the user's.

    Args:
        project: `[devices]` of the project file.
        base: that file's folder, which relative paths start from.

    Raises:
        InputError: when the user's file is wrong, or a name is taken.
    """
    path = user_file()
    found = {name: DeviceSettings(url=name) for name in BUILT_IN}
    for table, folder in ((_read(path), path.parent), (project or {}, base or Path.cwd())):
        for name, settings in table.items():
            if name.partition(":")[0] in TRANSPORTS:
                raise InputError(f"no device may be called {name!r}", "Choose another name")
            found[name] = settings.relative_to(folder)
    return found


def _read(path: Path) -> dict[str, DeviceSettings]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}", "Correct the file") from error
    return UserFile.parse(table, path).devices


def find_device(
    name: str, known: Mapping[str, DeviceSettings], runtime: str | None = None
) -> Device:
    """Return a Device by its name or URL.

    Args:
        name: what the user wrote.
        known: the Devices that have a name.
        runtime: `package==version` of the runtime to use there instead of the usual one.

    Raises:
        InputError: when there is no such Device, or no such runtime.
    """
    settings = known.get(name)
    if settings is None and name.partition(":")[0] not in TRANSPORTS:
        names = ", ".join(known)
        raise InputError(f"unknown device {name!r}", f"Use one of {names}, or ssh://user@host")
    if settings is None:
        settings = DeviceSettings.parse({"url": name}, "--device")
    if runtime is None:
        return open_device(name, settings)
    changed = {**settings.model_dump(), "runtime": runtime}
    return open_device(name, DeviceSettings.parse(changed, "--runtime"))
