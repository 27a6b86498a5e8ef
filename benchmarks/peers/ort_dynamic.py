"""ONNX Runtime's dynamic quantization: int8 weights, activations scaled while it runs."""

import tempfile
from pathlib import Path

from benchmarks.peers.peer import Peer, Task


def make(task: Task, path: Path) -> int:
    """Preprocess and quantize; needs no images."""
    from onnxruntime import quantization as tools

    with tempfile.TemporaryDirectory() as folder:
        ready = str(Path(folder, "ready.onnx"))
        tools.quant_pre_process(task.onnx, ready)
        tools.quantize_dynamic(ready, str(path), per_channel=True)
    return 0


PEERS = (
    Peer(
        name="ort-dynamic",
        runtime="onnxruntime",
        module=__name__,
        make=make,
        packages=("onnxruntime", "onnx"),
        imports=("onnxruntime.quantization",),
    ),
)
