"""ONNX Runtime's static quantization as its documentation advises.

QDQ, per channel, unsigned activations and signed weights, after `quant_pre_process`
(https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html).
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import Peer, Task

# Entropy and percentile keep every activation of the images of one stride in memory.
STRIDE = 8
IMAGES = {"MinMax": 512, "Entropy": 64, "Percentile": 64}


class Reader:
    """Gives images one by one; `set_range` lets the calibrator forget between strides."""

    def __init__(self, name: str, samples: NDArray[np.float32]) -> None:
        self.name, self.samples = name, samples
        self.set_range(0, len(samples))

    def __len__(self) -> int:
        return len(self.samples)

    def set_range(self, start_index: int, end_index: int) -> None:
        """Give the images start_index..end_index - 1 next."""
        self.left: Iterator[NDArray[np.float32]] = iter(self.samples[start_index:end_index])

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next image, None after the last."""
        sample = next(self.left, None)
        return None if sample is None else {self.name: np.array(sample[None])}


def make(method: str, task: Task, path: Path) -> int:
    """Preprocess, calibrate by `method`, quantize."""
    from onnxruntime import quantization as tools

    samples = task.samples(IMAGES[method])
    used = len(samples) - len(samples) % STRIDE or len(samples)
    with tempfile.TemporaryDirectory() as folder:
        ready = str(Path(folder, "ready.onnx"))
        tools.quant_pre_process(task.onnx, ready)
        tools.quantize_static(
            ready,
            str(path),
            Reader(task.input, samples[:used]),
            quant_format=tools.QuantFormat.QDQ,
            per_channel=True,
            activation_type=tools.QuantType.QUInt8,
            weight_type=tools.QuantType.QInt8,
            calibrate_method=tools.CalibrationMethod[method],
            extra_options={"CalibStridedMinMax": min(STRIDE, used)},
        )
    return used


PEERS = tuple(
    Peer(
        name=f"ort-{method.lower()}",
        runtime="onnxruntime",
        module=__name__,
        make=partial(make, method),
        packages=("onnxruntime", "onnx"),
        imports=("onnxruntime.quantization",),
    )
    for method in IMAGES
)
