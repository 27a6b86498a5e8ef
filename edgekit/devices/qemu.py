"""qemu's user mode: one process on an emulated core, whatever the core."""

import platform
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from edgekit.devices.request import Request
from edgekit.errors import EdgekitError, InputError, UnavailableError
from edgekit.process import Ended, finish

PACKAGE = "qemu-user-static"
# An image takes tens to hundreds of times as long as on this machine's own core.
TIMEOUT_S = 7200.0
_ASK_S = 60.0


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


def asked(command: Sequence[str]) -> Ended:
    """Start a command of qemu's that ends at once.

    Raises:
        EdgekitError: when it does not.
    """
    return finish(command, _ASK_S, EdgekitError(f"{command[0]} hangs", "Install qemu anew"))


def version_of(emulator: str) -> str:
    """Return an emulator's version, such as `7.2.22`."""
    found = re.search(r"version (\d[\d.]*)", asked([emulator, "--version"]).stdout.decode())
    return found[1] if found else "of an unknown version"


def refuse_unknown(emulator: str, cpu: str) -> None:
    """Refuse a core that this qemu does not emulate.

    Raises:
        InputError: when it is none of those that `-cpu help` lists.
    """
    listed = asked([emulator, "-cpu", "help"]).stdout.decode(errors="replace").split()
    if cpu not in listed:
        raise InputError(
            f"qemu {version_of(emulator)} does not know the core {cpu!r}",
            f"Use one that `{Path(emulator).name} -cpu help` lists, or a newer qemu",
        )


def refuse_timing(request: Request) -> None:
    """Refuse to time on an emulated core.

    Args:
        request: what the runner shall do.

    Raises:
        UnavailableError: when the run shall be timed.
    """
    if request.timed and request.counts is None:
        raise UnavailableError(
            "cannot time on an emulated core: its speed says nothing about a device's",
            "Name a real device with --device; an ARM core can count: --count instructions",
        )
