"""A Target: a device family as data, one TOML file each in `export/targets/`."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import Field

from edgekit.errors import InputError
from edgekit.evidence import Evidence
from edgekit.settings import ForeignJson, Settings

Precision = Literal["fp32", "fp16", "int8", "dynamic", "weight_only", "auto"]
# What a runtime builds: no `auto`, and what only a Recipe asks for.
Buildable = Literal["fp32", "fp16", "int8", "int8_dynamic", "dynamic", "weight_only"]


class Target(Settings):
    """A device family.

    Attributes:
        name: what `--target` takes; the file's stem.
        title: for people.
        runtime: which file in `export/` builds the artifact.
        scheme: what the runtime executes in int8, a name in `calibration/scheme.py`.
        precision: what is built when nothing else is asked for.
        precisions: what can be built.
        runner: which of the runner's sessions executes the artifact.
        evidence: what a run on this machine is worth: `host` when the runner is the target's own
            runtime, `reference` when it only interprets the artifact.
        machines: processors that the family has, as `uname -m` names them; a run on another one is
            worth no more than `evidence`.
        needs: what a processor must have for the artifact to compute what was built: `vnni` where
            weights use all 8 bits with kernels that add their products up in 16 bits without it.
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
    runner: Literal["onnxruntime", "litert", "coreml", "reference"]
    evidence: Literal[Evidence.REFERENCE, Evidence.HOST]
    machines: tuple[str, ...] = ()
    needs: tuple[Literal["vnni"], ...] = ()
    rewrites: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    options: ForeignJson = Field(default_factory=dict)


@cache
def targets() -> dict[str, Target]:
    """Return every Target that ships with edgekit, by name."""
    folder = files("edgekit.export") / "targets"
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
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
