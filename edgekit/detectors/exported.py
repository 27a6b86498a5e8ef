"""A Program somebody saved with torch.export: a `.pt2` file, with its Signature in the settings.

`torch.export.load` unpickles, imports and evaluates what a file tells it to; see
`edgekit.detectors.exported_archive` for what protects the user here: the file is read as data,
everything in it that could run is refused, and torch sees a fresh archive of what remains.
"""

from pathlib import Path

import torch
from torch import nn
from torch.export import ExportedProgram

from edgekit.detectors.detector import Detector
from edgekit.detectors.exported_archive import open_program
from edgekit.detectors.fill import check_finite
from edgekit.errors import InputError
from edgekit.settings import Json, Settings
from edgekit.signature import Signature


class ExportedSettings(Settings):
    """The table of kind `exported`.

    Attributes:
        program: the `.pt2` file.
        signature: inputs, classes, positive class and threshold.
    """

    program: str
    signature: Signature


class Fixed(nn.Module):
    """An exported program, which has neither train nor eval mode: that was settled at export.

    Args:
        program: what `ExportedProgram.module()` returns.
        one_by_one: whether it takes a batch of 1 only; larger ones are then run row by row.
    """

    def __init__(self, program: nn.Module, one_by_one: bool) -> None:
        super().__init__()
        self.program = program
        self.one_by_one = one_by_one

    def train(self, mode: bool = True) -> "Fixed":
        """Note the mode; torch raises an error when an exported program itself is told."""
        self.training = mode
        return self

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Return the logits, float32 [N, C]."""
        count = inputs[0].shape[0]
        if not self.one_by_one or count == 1:
            return self.program(*inputs)
        rows = zip(*(tensor.split(1) for tensor in inputs), strict=True)
        return torch.cat([self.program(*row) for row in rows])


def load(settings: Json, base: Path) -> Detector:
    """Load a saved Program.

    Args:
        settings: see `ExportedSettings`.
        base: folder that relative paths start from.

    Raises:
        InputError: when the file is missing, damaged or unsafe, or does not fit the Signature.
    """
    wanted = ExportedSettings.parse(settings, "settings of kind exported")
    path = base / wanted.program
    program = open_program(path)
    for name, tensor in program.state_dict.items():
        check_finite(name, tensor, path)
    one_by_one = _check_inputs(program, wanted.signature, path)
    model = Fixed(program.module(check_guards=False), one_by_one)
    return Detector(model.eval(), wanted.signature, architecture={})


def _check_inputs(program: ExportedProgram, signature: Signature, path: Path) -> bool:
    """Compare the Program's inputs with the Signature's; tell whether the batch is fixed to 1."""
    names = set(program.graph_signature.user_inputs)
    values = [node.meta.get("val") for node in program.graph.nodes if node.name in names]
    shapes = [value.shape for value in values if isinstance(value, torch.Tensor)]
    wanted = [spec.shape for spec in signature.inputs]
    if len(shapes) != len(program.graph_signature.user_inputs) or len(shapes) != len(wanted):
        raise InputError(
            f"program {path} takes {len(values)} inputs, its signature has {len(wanted)}",
            "Correct the signature; every input must be a tensor",
        )
    for spec, shape in zip(signature.inputs, shapes, strict=True):
        if not _fits(spec.shape, shape):
            raise InputError(
                f"program {path}: input {spec.name!r} has shape {tuple(shape)}, "
                f"its signature says {spec.shape}",
                "Correct the signature, or export with a batch of 1 or a dynamic one",
            )
    return all(isinstance(shape[0], int) for shape in shapes)


def _fits(wanted: tuple[int, ...], shape: torch.Size) -> bool:
    """Dynamic dimensions fit anything."""
    return len(wanted) == len(shape) and all(
        not isinstance(size, int) or size == want for size, want in zip(shape, wanted, strict=True)
    )
