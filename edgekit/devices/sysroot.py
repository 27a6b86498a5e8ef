"""A Debian system for ARM as a folder: the C library and the Python that its wheels need.

debootstrap fetches the packages and checks Debian's signatures; they are only taken apart, never
installed, so that neither root nor a container is needed.
"""

import os
import shutil
from pathlib import Path

from edgekit.devices.board import compiled
from edgekit.devices.cache import cached
from edgekit.devices.qemu import tool
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.process import Ended, finish

SUITE, ARCHITECTURE, MACHINE = "bookworm", "arm64", "aarch64"
PYTHON, LIBC = "3.11", "2.36"
PACKAGES = ("python3", "libstdc++6", "libgomp1")
FORMAT = 1  # of what `_make` leaves
TIMEOUT_S = 1200
_KEPT = ("lib", "usr/lib")
# The runtimes choose their kernels by this file, and crash where it describes an x86 processor: an
# ARM Cortex-A76 with dot products, as in a Raspberry Pi 5 or a phone.
_CPUINFO = """\
processor\t: 0
BogoMIPS\t: 108.00
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc \
dcpop asimddp
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x4
CPU part\t: 0xd0b
CPU revision\t: 1

"""


def sysroot() -> Path:
    """Return the system's folder, made once in the user's cache.

    Raises:
        UnavailableError: when a tool for it is missing, or the packages cannot be fetched.
    """
    return cached("sysroots", f"{SUITE}-{ARCHITECTURE}-{FORMAT}", _make)


def _make(folder: Path) -> None:
    fetched = folder / "fetched"
    command = [tool("debootstrap", "debootstrap"), "--download-only", "--variant=minbase"]
    command += [f"--arch={ARCHITECTURE}", f"--include={','.join(PACKAGES)}", SUITE, str(fetched)]
    _checked(command, "fetch Debian's packages", "Check the network")
    unpack = tool("dpkg-deb", "dpkg")
    whole = folder / "whole"
    for package in sorted((fetched / "var/cache/apt/archives").glob("*.deb")):
        _checked([unpack, "-x", str(package), str(whole)], f"unpack {package.name}", "Try again")
    _keep(whole, folder)
    shutil.rmtree(fetched)
    shutil.rmtree(whole)


def _keep(whole: Path, folder: Path) -> None:
    """Move what programs need to run; the rest would hide files of this machine from them."""
    for name in _KEPT:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (whole / name).rename(folder / name)
    (folder / "usr/bin").mkdir()
    interpreter = f"usr/bin/python{PYTHON}"
    (whole / interpreter).rename(folder / interpreter)
    for path in folder.rglob("*"):
        if path.is_symlink() and path.readlink().is_absolute():  # points into this machine
            path.unlink()
    compiled(str(folder / f"usr/lib/python{PYTHON}"))  # of use where this Python is the same one
    (folder / "proc").mkdir()
    (folder / "proc/cpuinfo").write_text(_CPUINFO, encoding="ascii")


def _checked(command: list[str], what: str, fix: str) -> Ended:
    hang = EdgekitError(f"cannot {what}: it took more than {TIMEOUT_S} s", fix)
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    ended = finish(command, TIMEOUT_S, hang, {**os.environ, "PATH": path, "LC_ALL": "C"})
    if ended.code:
        said = (ended.stderr + ended.stdout.decode(errors="replace")).strip().splitlines()
        errors = [line for line in said if line.startswith("E: ")] or said[-1:] or ["no message"]
        raise UnavailableError(f"cannot {what}: {errors[-1].removeprefix('E: ')[:200]}", fix)
    return ended
