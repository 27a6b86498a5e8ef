"""Which module builds for which runtime.

A new runtime is one module beside this one and one line in RUNTIMES. The module offers

    FOLDED: bool            whether it wants quantized weights as integers
    PACKAGES: tuple[str]    what must be installed to build
    build(program, target, precision, folder) -> Built
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from torch.export import ExportedProgram

from edgekit.errors import InputError, UnavailableError
from edgekit.evidence import Evidence
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


class Runtime(Protocol):
    """What a runtime's module offers."""

    FOLDED: bool
    PACKAGES: tuple[str, ...]

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


RUNTIMES = {
    "onnx": "edgekit.export.onnx",
    "tensorrt": "edgekit.export.tensorrt",
    "tflite": "edgekit.export.tflite",
    "coreml": "edgekit.export.coreml",
}


def runtime_named(name: str) -> Runtime:
    """Import a runtime's module.

    Raises:
        InputError: when no such runtime is registered.
        UnavailableError: when a package it builds with is not installed.
    """
    if name not in RUNTIMES:
        raise InputError(f"unknown runtime {name!r}", f"Use one of {', '.join(RUNTIMES)}")
    runtime = cast(Runtime, import_module(RUNTIMES[name]))
    missing = [package for package in runtime.PACKAGES if find_spec(package) is None]
    if missing:
        raise UnavailableError(
            f"runtime {name} needs {', '.join(missing)}, which is not installed",
            f"pip install {' '.join(missing).replace('_', '-')}",
        )
    return runtime
