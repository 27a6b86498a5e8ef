"""What counts instructions on an emulated ARM core: a plugin of qemu, built from edgekit's source.

It is built once by the system's C compiler, tried with the qemu that shall load it, and kept in the
user's cache under a hash of both.
"""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from edgekit.devices.cache import cached
from edgekit.devices.cores import Caches
from edgekit.devices.qemu import asked, qemu, version_of
from edgekit.devices.sysroot import MACHINE, sysroot
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.hashes import sha256_file, sha256_json, sha256_tree
from edgekit.process import Ended, finish

SOURCES = Path(__file__).parent / "plugin"
PACKAGE = "qemu-user"  # Debian's that is linked dynamically
FLAGS = ("-O2", "-fPIC", "-shared", "-fvisibility=default")
_MAIN, _NAME = "count.c", "count.so"
_BUILD_S = 120.0
_TRIED = "lib/ld-linux-aarch64.so.1"  # a program of the system that needs nothing else


def loading_qemu() -> str:
    """Return an emulator of ARM that is no static program.

    Raises:
        UnavailableError: when there is none, or a static one only.
    """
    found = shutil.which(f"qemu-{MACHINE}")
    if found is not None:
        return found
    static = Path(qemu(MACHINE)).name
    raise UnavailableError(
        f"counting needs a qemu that loads plugins; {static} is linked statically and cannot",
        f"apt-get install {PACKAGE}",
    )


def plugin() -> Path:
    """Return the plugin, built and tried once for this qemu.

    Raises:
        UnavailableError: when there is no C compiler, or qemu does not load it.
    """
    emulator, compiler = loading_qemu(), _compiler()

    def make(folder: Path) -> None:
        _build(compiler, folder / _NAME)
        _try(emulator, folder)

    parts = [sha256_tree(SOURCES), version_of(emulator), sha256_file(Path(emulator)), FLAGS]
    return cached("plugins", sha256_json(parts)[:16], make) / _NAME


def flags(out: Path, threads: int, clocks: bool = False, caches: Caches | None = None) -> list[str]:
    """Return qemu's arguments that make it count.

    Args:
        out: the file that the counts are written to when the program ends.
        threads: with one only the main thread is counted.
        clocks: also write what ran between two readings of the clock.
        caches: also write what is read and written, and what such caches do not hold of it.
    """
    more = ["clocks=on"] * clocks
    if caches is not None:
        sizes = (caches.l1_bytes, caches.l1_ways, caches.l2_bytes, caches.l2_ways)
        more.append("caches=" + ":".join(map(str, sizes)))
    return _flags(plugin(), out, "all" if threads > 1 else "main", more)


def _flags(library: Path, out: Path, threads: str, more: Sequence[str] = ()) -> list[str]:
    options = (str(library), f"out={out}", f"threads={threads}", *more)
    # A comma inside of a value is written twice.
    return ["-plugin", ",".join(option.replace(",", ",,") for option in options)]


def _compiler() -> str:
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise UnavailableError(
        "counting needs a C compiler to build qemu's plugin, and there is none here",
        "apt-get install gcc libc6-dev",
    )


def _build(compiler: str, target: Path) -> None:
    hang = EdgekitError(f"{compiler} hangs", "Name another compiler with CC")
    command = [compiler, *FLAGS, "-o", str(target), str(SOURCES / _MAIN), "-ldl"]
    ended = finish(command, _BUILD_S, hang)
    if ended.code:
        said = [line for line in ended.stderr.splitlines() if "error" in line] or ["no message"]
        raise UnavailableError(
            f"{compiler} cannot build the plugin of qemu: {said[0][:200]}",
            "apt-get install gcc libc6-dev",
        )


def _try(emulator: str, folder: Path) -> None:
    """Count a program of nothing but its start, so that what is wrong shows here."""
    program, counts = sysroot() / _TRIED, folder / "counts.txt"
    loading = [emulator, *_flags(folder / _NAME, counts, "main")]
    ended = asked([*loading, str(program), "--version"])
    if ended.code == 0 and counts.is_file():
        counts.unlink()
        return
    raise UnavailableError(
        f"qemu {version_of(emulator)} does not load the plugin that counts: {_said(ended)}",
        "Use a qemu from 6.0 on that is linked dynamically and built with plugins "
        f"(Debian 12: apt-get install {PACKAGE})",
    )


def _said(ended: Ended) -> str:
    """Return why qemu did not load it, without the path."""
    line = ended.last_line("it wrote no counts")
    return re.sub(r"^.*?Could not load plugin \S+:? ", "", line)[:200]
