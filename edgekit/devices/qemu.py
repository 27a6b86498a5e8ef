"""qemu's user mode: one process on an emulated core, whatever the core."""

import platform
import shutil

from edgekit.devices.request import Request
from edgekit.errors import UnavailableError

PACKAGE = "qemu-user-static"
# An image takes tens to hundreds of times as long as on this machine's own core.
TIMEOUT_S = 7200.0


def tool(name: str, package: str) -> str:
    """Return where a system tool is.

    Raises:
        UnavailableError: when it is missing, with the package that has it.
    """
    # Ordinary users do not have /usr/sbin on their path, where debootstrap lies.
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        raise UnavailableError(
            f"the emulated device needs {name}, which is not here", f"apt-get install {package}"
        )
    return found


def qemu(machine: str) -> str:
    """Return the emulator of one process, static or not.

    Args:
        machine: the core's architecture as `uname -m` names it, such as `aarch64`.

    Raises:
        UnavailableError: when there is none.
    """
    if platform.system() != "Linux":
        raise UnavailableError(
            f"the emulated device needs Linux, this is {platform.system()}", "Use a board over ssh"
        )
    return shutil.which(f"qemu-{machine}") or tool(f"qemu-{machine}-static", PACKAGE)


def refuse_timing(request: Request) -> None:
    """Refuse to time on an emulated core.

    Args:
        request: what the runner shall do.

    Raises:
        UnavailableError: when the run shall be timed.
    """
    if request.timed:
        raise UnavailableError(
            "cannot time on an emulated core: its speed says nothing about a device's",
            "Name a real device with --device",
        )
