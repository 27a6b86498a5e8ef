"""Run the float Program over the calibration samples once and keep a histogram per tensor."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export import ExportedProgram
from torch.fx import Interpreter, Node

from edgekit.calibration.histogram import Histogram
from edgekit.calibration.program import unlift
from edgekit.calibration.ranges import Ranges
from edgekit.dataset import Dataset
from edgekit.errors import InputError

Progress = Callable[[int, int], None]


class _Observer(Interpreter):
    """Evaluates the graph node by node and counts what each one gives."""

    def __init__(self, program: ExportedProgram) -> None:
        super().__init__(unlift(program))
        self.histograms: dict[str, Histogram] = {}

    def run_node(self, n: Node) -> Any:
        result = super().run_node(n)
        if n.op in ("placeholder", "call_function") and _is_activation(result):
            self.histograms.setdefault(n.name, Histogram()).add(result.numpy())
        return result


def _is_activation(value: object) -> bool:
    return isinstance(value, torch.Tensor) and value.dtype == torch.float32 and value.numel() > 0


def observe(program: ExportedProgram, data: Dataset, progress: Progress | None = None) -> Ranges:
    """Calibrate once, for every scheme and every method.

    Args:
        program: the float Program, batch 1.
        data: the calibration samples; each is seen once, in any order, with the same result.
        progress: called with (samples done, samples in all).

    Raises:
        InputError: when an activation is NaN or infinite, or an input never changes.
    """
    observer = _Observer(program)
    varies = np.zeros(len(data.signature.inputs), dtype=np.bool_)
    with torch.inference_mode():
        for index, sample in enumerate(data.samples):
            arrays = data.read(sample)
            varies |= [_varies(array) for array in arrays]
            observer.run(*(torch.from_numpy(array) for array in arrays))
            _refuse_bad(observer.histograms, sample.name)
            if progress:
                progress(index + 1, len(data))
    for name, alive in zip(program.graph_signature.user_inputs, varies, strict=True):
        _refuse_constant(str(name), observer.histograms, bool(alive), data)
    return Ranges(observer.histograms, len(data), data.sha256)


def _refuse_bad(histograms: dict[str, Histogram], sample: str) -> None:
    bad = [name for name, histogram in histograms.items() if histogram.bad]
    if bad:
        raise InputError(
            f"activation {bad[0]!r} is NaN or infinite on calibration sample {sample}",
            "Remove that sample, or retrain the detector if every sample does this",
        )


def _varies(array: NDArray[np.float32]) -> bool:
    """Tell an image with something in it from one of a single colour; other inputs always pass."""
    return array.ndim != 4 or bool(np.ptp(array, axis=(2, 3)).any())


def _refuse_constant(
    name: str, histograms: dict[str, Histogram], varies: bool, data: Dataset
) -> None:
    seen = histograms.get(name)
    if seen is not None and (seen.low == seen.high or not varies):
        raise InputError(
            f"input {name!r} shows nothing in all {len(data)} calibration samples of "
            f"{data.folder}: each is one constant value or colour, so there is no range",
            "Calibrate with real samples",
        )
