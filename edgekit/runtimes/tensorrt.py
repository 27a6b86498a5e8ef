"""TensorRT: compiled for a Jetson, and stood for by an interpreter of the same graph here."""

from edgekit.runtime import Package, Runtime
from edgekit.runtimes.onnx import WRITERS

RUNTIME = Runtime(
    name="tensorrt",
    title="TensorRT",
    builder="tensorrt",
    folded=True,
    builds_with=WRITERS,
    may_use=(
        Package("tensorrt-rtx", "tensorrt_rtx", "compiles for Jetson without one"),
        Package("torch-tensorrt", "torch_tensorrt", "TensorRT from torch"),
        Package("tensorrt", "tensorrt", "runs TensorRT engines"),
    ),
    schemes=("tensorrt",),
    # Computes what the graph means, the same on every processor; it says nothing about TensorRT's
    # own kernels.
    runner="reference",
    interpreted=True,
    tracer="reference",
)
