"""A Debian system for ARM as a folder: the C library and the Python that its wheels need.

debootstrap fetches the packages and checks Debian's signatures; they are only taken apart, never
installed, so that neither root nor a container is needed.
"""

import os
import shutil
from pathlib import Path

from edgekit.devices.board import compiled
from edgekit.devices.cache import cached
from edgekit.devices.cores import Core
from edgekit.devices.qemu import tool
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.hashes import sha256_json
from edgekit.process import Ended, finish

SUITE, ARCHITECTURE, MACHINE = "bookworm", "arm64", "aarch64"
PYTHON, LIBC = "3.11", "2.36"
PACKAGES = ("python3", "libstdc++6", "libgomp1")
FORMAT = 1  # of what `_make` leaves
TIMEOUT_S = 1200
_KEPT = ("lib", "usr/lib")


def sysroot() -> Path:
    """Return the system's folder, made once in the user's cache.

    Raises:
        UnavailableError: when a tool for it is missing, or the packages cannot be fetched.
    """
    return cached("sysroots", f"{SUITE}-{ARCHITECTURE}-{FORMAT}", _make)


def sysroot_of(core: Core) -> Path:
    """Return that system as it is on a core: with what `/proc/cpuinfo` says there.

    The runtimes choose their kernels by that file, and crash where it describes an x86 processor.
    qemu looks for files below its prefix first; since 8.2 it writes this one itself, of the core
    that it emulates.

    Raises:
        UnavailableError: as `sysroot`.
    """
    whole = sysroot()

    def make(folder: Path) -> None:
        for name in ("lib", "usr"):
            (folder / name).symlink_to(whole / name)
        (folder / "proc").mkdir()
        (folder / "proc/cpuinfo").write_text(core.cpuinfo, encoding="ascii")

    return cached("cores", sha256_json([str(whole), core.cpuinfo])[:16], make)


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


def _checked(command: list[str], what: str, fix: str) -> Ended:
    hang = EdgekitError(f"cannot {what}: it took more than {TIMEOUT_S} s", fix)
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    ended = finish(command, TIMEOUT_S, hang, {**os.environ, "PATH": path, "LC_ALL": "C"})
    if ended.code:
        said = (ended.stderr + ended.stdout.decode(errors="replace")).strip().splitlines()
        errors = [line for line in said if line.startswith("E: ")] or said[-1:] or ["no message"]
        raise UnavailableError(f"cannot {what}: {errors[-1].removeprefix('E: ')[:200]}", fix)
    return ended
