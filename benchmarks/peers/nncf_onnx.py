"""NNCF's post-training quantization of the ONNX model, its ONNX Runtime backend.

https://github.com/openvinotoolkit/nncf, "Post-Training Quantization"; plain transformers get the
model type that its documentation asks for. On some networks its fast bias correction, which is on
by default, does more harm than good, so that there is an entry without.
"""

from functools import partial
from pathlib import Path

from benchmarks.peers.peer import Peer, Task

IMAGES = 300  # NNCF's own default


def make(correct: bool, task: Task, path: Path) -> int:
    """Quantize with the default preset, with or without bias correction."""
    import nncf
    import onnx

    batches = task.batches(IMAGES)
    kind = nncf.ModelType.TRANSFORMER if task.student.startswith("vit_") else None
    quantized = nncf.quantize(
        onnx.load(task.onnx),
        nncf.Dataset(batches),
        subset_size=len(batches),
        model_type=kind,
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            disable_bias_correction=not correct
        ),
    )
    onnx.save(quantized, path)
    return len(batches)


PEERS = tuple(
    Peer(
        name=name,
        runtime="onnxruntime",
        module=__name__,
        make=partial(make, correct),
        packages=("nncf", "onnx", "onnxruntime"),
        imports=("nncf", "nncf.onnx"),
        requirements=("nncf", "onnx", "onnxruntime"),
        environment="nncf",
    )
    for name, correct in (("nncf", True), ("nncf-no-bias-correction", False))
)
