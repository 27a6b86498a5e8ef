"""What edgekit knows of the ARM cores that can be emulated: one TOML file each in `cores/`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from edgekit.errors import InputError
from edgekit.settings import Settings

FOLDER = Path(__file__).parent / "cores"
Size = Annotated[int, Field(gt=0)]
_CPUINFO = """\
processor\t: 0
BogoMIPS\t: 108.00
Features\t: {core.features}
CPU implementer\t: {core.implementer}
CPU architecture: 8
CPU variant\t: {core.variant}
CPU part\t: {core.part}
CPU revision\t: {core.revision}

"""


class Cost(Settings):
    """What instructions take of a core, by class; a class that is not here has no cost.

    Attributes:
        source: Arm's document, with its number and chapters.
        limits: what the cycles were held against, and where that did not bear them out.
        cycles: of one instruction: one over its published throughput.
    """

    source: str
    limits: str
    cycles: dict[str, Annotated[float, Field(gt=0)]]


class Caches(Settings):
    """The two caches of data that are next to a core; their lines have 64 bytes.

    Attributes:
        source: Arm's document for the first, and what says how large the second one is there.
        l1_bytes, l1_ways: of the first.
        l2_bytes, l2_ways: of the second, all of it where several cores share it.
    """

    source: str
    l1_bytes: Size
    l1_ways: Size
    l2_bytes: Size
    l2_ways: Size


class Core(Settings):
    """An ARM core.

    Attributes:
        title: as Arm writes its name.
        used_in: where it is found.
        implementer, variant, part, revision: of its main identification register (MIDR_EL1).
        features: its instruction sets, as Linux names them in `/proc/cpuinfo`.
        caches: as configured where it is found.
        cost: None where Arm has published no throughput of it.
    """

    title: str
    used_in: str
    implementer: str
    variant: str
    part: str
    revision: Annotated[int, Field(ge=0, lt=16)]
    features: str
    caches: Caches
    cost: Cost | None = None

    @property
    def cpuinfo(self) -> str:
        """What `/proc/cpuinfo` says on it: runtimes choose their kernels by that."""
        return _CPUINFO.format(core=self)


@cache
def core_named(name: str) -> Core:
    """Return a core by the name that qemu has for it.

    Raises:
        InputError: when edgekit does not know what such a core says of itself.
    """
    if name not in core_names():
        known = ", ".join(core_names())
        raise InputError(f"cpu {name!r} is no ARM core that edgekit knows", f"Use one of {known}")
    path = FOLDER / f"{name}.toml"
    return Core.parse(tomllib.loads(path.read_text(encoding="utf-8")), path)


def core_names() -> list[str]:
    """Return the names of all cores that edgekit knows, as qemu has them."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))
