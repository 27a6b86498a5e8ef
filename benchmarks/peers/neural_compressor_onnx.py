"""neural-compressor's static quantization of ONNX models.

Its ONNX part ended with 2.x and lives on as onnx-neural-compressor; edgekit's environment has 3.x.
No accuracy loop: the first configuration is taken, as for the other peers.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import Peer, Task

IMAGES = 100  # its own default for calibration


class Loader:
    """Gives (image, label) pairs, as its data loaders do."""

    batch_size = 1

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self.samples = samples

    def __iter__(self) -> Iterator[tuple[NDArray[np.float32], int]]:
        return ((np.array(sample[None]), 0) for sample in self.samples)


class Reader:
    """Gives images one by one, and again after `rewind`."""

    def __init__(self, batches: list[dict[str, NDArray[np.float32]]]) -> None:
        self.batches = batches
        self.rewind()

    def rewind(self) -> None:
        """Start again."""
        self.left = iter(self.batches)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next image, None after the last."""
        return next(self.left, None)


def without_shapes(task: Task) -> Any:
    """Load the float model without the shapes noted in it.

    Both tools transpose the weights of Gemm and keep the old shapes, which onnx then refuses.
    """
    import onnx

    model = onnx.load(task.onnx)
    del model.graph.value_info[:]
    return model


def fit(task: Task, path: Path) -> int:
    """Run neural-compressor 2.x's `quantization.fit`, QDQ."""
    from neural_compressor import PostTrainingQuantConfig, quantization

    samples = task.samples(IMAGES)
    settings = PostTrainingQuantConfig(
        approach="static", quant_format="QDQ", calibration_sampling_size=[len(samples)]
    )
    found = quantization.fit(without_shapes(task), settings, calib_dataloader=Loader(samples))
    if found is None:
        raise RuntimeError("quantization.fit returned no model")
    found.save(str(path))
    return len(samples)


def quantize(task: Task, path: Path) -> int:
    """Run onnx-neural-compressor's `quantize`, QDQ per channel."""
    from onnx_neural_compressor.quantization import QuantFormat, config
    from onnx_neural_compressor.quantization.quantize import quantize

    batches = task.batches(IMAGES)
    settings = config.StaticQuantConfig(
        calibration_data_reader=Reader(batches),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        calibration_sampling_size=len(batches),
    )
    quantize(task.onnx, str(path), settings)
    return len(batches)


PEERS = (
    Peer(
        name="neural-compressor",
        runtime="onnxruntime",
        module=__name__,
        make=fit,
        packages=("neural-compressor", "onnx", "onnxruntime"),
        imports=("neural_compressor.quantization",),
        # It uses onnx.mapping, which left onnx after 1.16, and names neither six nor setuptools.
        requirements=("neural-compressor<3", "onnx<1.17", "onnxruntime", "six", "setuptools<81"),
    ),
    Peer(
        name="onnx-neural-compressor",
        runtime="onnxruntime",
        module=__name__,
        make=quantize,
        packages=("onnx-neural-compressor", "onnx", "onnxruntime"),
        imports=("onnx_neural_compressor.quantization",),
        requirements=(
            "onnx-neural-compressor",
            "onnx",
            "onnxruntime",
            "prettytable",
            "scipy",
            "psutil",
            "pydantic",
        ),
    ),
)
