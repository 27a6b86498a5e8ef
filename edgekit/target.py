"""A Target: a device family as data, one TOML file each in `export/targets/`."""

import tomllib
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from edgekit.errors import InputError
from edgekit.evidence import Evidence
from edgekit.runtimes import runtime_named, runtimes
from edgekit.settings import ForeignJson, Settings

Precision = Literal["fp32", "fp16", "int8", "dynamic", "weight_only", "auto"]
# What a runtime builds: no `auto`, and what only a Recipe asks for.
Buildable = Literal["fp32", "fp16", "int8", "int8_dynamic", "dynamic", "weight_only"]
# What computes in fp16 on a Target that needs it: everything that is not asked for in fp32.
HALVED: tuple[Buildable, ...] = ("fp16", "int8", "int8_dynamic", "dynamic", "weight_only")

GROUP = "edgekit.targets"


class Target(Settings):
    """A device family.

    Attributes:
        name: what `--target` takes; the file's stem.
        title: for people.
        runtime: what builds and executes the artifact, a name in `edgekit/runtimes/`.
        scheme: what the runtime executes in int8, a name in `calibration/scheme.py`.
        precision: what is built when nothing else is asked for.
        precisions: what can be built.
        machines: processors that the family has, as `uname -m` names them; a run on another one is
            worth no more than `evidence`.
        needs: what a processor must have for the artifact to compute what was built: `vnni` where
            weights use all 8 bits with kernels that add their products up in 16 bits without it,
            `fp16` where what is not in integers runs in fp16.
        rewrites: names in `calibration/rewrites` that the runtime profits from in float.
        dynamic: groups of operators for which the runtime has a kernel that finds the scales of
            activations at run time.
        options: the runtime's own settings, such as the minimum deployment version.
    """

    name: str
    title: str
    runtime: str
    scheme: str
    precision: Precision = "int8"
    precisions: tuple[Precision, ...] = ("fp32", "fp16", "int8")
    machines: tuple[str, ...] = ()
    needs: tuple[Literal["vnni", "fp16"], ...] = ()
    rewrites: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    options: ForeignJson = Field(default_factory=dict)

    @model_validator(mode="after")
    def _executable(self) -> Self:
        runtime = runtimes().get(self.runtime)
        if runtime is None:
            raise ValueError(f"runtime {self.runtime!r} is none of {', '.join(runtimes())}")
        if self.scheme not in runtime.schemes:
            known = ", ".join(runtime.schemes)
            raise ValueError(f"scheme {self.scheme!r} is none of {self.runtime}'s: {known}")
        return self

    @property
    def runner(self) -> str:
        """Which session executes the artifact."""
        return runtime_named(self.runtime).runner

    @property
    def evidence(self) -> Evidence:
        """What a run on this machine is worth.

        `host` with the target's own runtime, `reference` where that is only interpreted.
        """
        interpreted = runtime_named(self.runtime).interpreted
        return Evidence.REFERENCE if interpreted else Evidence.HOST


@cache
def targets() -> dict[str, Target]:
    """Return every Target by name: those that ship with edgekit first, then installed ones.

    An entry point in the group `edgekit.targets` names a package with TOML files in it.

    Raises:
        InputError: when a file is wrong, or the name of one is taken.
    """
    found = _targets_in(files("edgekit.exporters") / "targets")
    for point in entry_points(group=GROUP):
        more = _targets_in(_package(point.value))
        taken = ", ".join(sorted(set(found) & set(more)))
        if taken:
            raise InputError(f"{point.value}: target {taken} is there already", "Rename its file")
        found.update(more)
    return found


def _package(name: str) -> Traversable:
    try:
        return files(name)
    except ImportError as error:
        fault = f"entry point {name} of {GROUP} does not import: {error}"
        raise InputError(fault, "Mend or remove that package") from error


def _targets_in(folder: Traversable) -> dict[str, Target]:
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name.removesuffix(".toml")):
        if entry.name.endswith(".toml"):
            name = entry.name.removesuffix(".toml")
            table = tomllib.loads(entry.read_text(encoding="utf-8"))
            found[name] = Target.parse({"name": name, **table}, Path("targets") / entry.name)
    return found


def target_named(name: str) -> Target:
    """Return a Target by name.

    Raises:
        InputError: when there is none, listing those there are.
    """
    found = targets()
    if name not in found:
        raise InputError(f"unknown target {name!r}", f"Use one of {', '.join(found)}")
    return found[name]


def checked_precision(target: Target, precision: str | None) -> Precision:
    """Return the precision to build, the Target's own when none is asked for.

    Raises:
        InputError: when the Target cannot be built in it.
    """
    for known in target.precisions:
        if known == (precision or target.precision):
            return known
    raise InputError(
        f"target {target.name} cannot be built in precision {precision!r}",
        f"Use one of {', '.join(target.precisions)}",
    )
