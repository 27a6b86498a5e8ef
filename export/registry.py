"""What builds for a Runtime: the module that its description names as `builder`."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from torch.export import ExportedProgram

from edgekit.errors import UnavailableError
from edgekit.evidence import Evidence
from edgekit.runtime import Package, Runtime
from edgekit.target import Buildable, Target


@dataclass(frozen=True)
class Built:
    """What a runtime's build left in the folder.

    Attributes:
        artifact: file or folder that an app loads, relative.
        evidence: `compiled` when the target's own compiler accepted the artifact, else None.
        notes: what a reader of the manifest should know, such as a compiler that was not here.
    """

    artifact: str
    evidence: Evidence | None = None
    notes: tuple[str, ...] = ()


class Builder(Protocol):
    """What a Runtime's `builder` offers."""

    def build(
        self, program: ExportedProgram, target: Target, precision: Buildable, folder: Path
    ) -> Built:
        """Write the artifact into `folder`.

        Args:
            program: float, or with quantize/dequantize pairs in integer precisions.
            target: the Target's data.
            precision: what to build.
            folder: empty or holding other files of the bundle.
        """


def builder_of(runtime: Runtime) -> Builder:
    """Import the module that builds for a Runtime.

    Raises:
        UnavailableError: when a package that it builds with is not installed.
    """
    missing = [package.name for package in runtime.builds_with if not _is_here(package)]
    if missing:
        raise UnavailableError(
            f"runtime {runtime.name} needs {', '.join(missing)}, which is not installed",
            f"pip install {' '.join(missing)}",
        )
    name = runtime.builder
    return cast(Builder, import_module(name if "." in name else f"edgekit.exporters.{name}"))


def _is_here(package: Package) -> bool:
    return find_spec(package.module.partition(".")[0]) is not None
