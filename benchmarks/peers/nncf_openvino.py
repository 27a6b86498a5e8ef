"""NNCF's post-training quantization of the OpenVINO model, the backend that it is made for.

https://docs.openvino.ai, "Basic Quantization Flow"; plain transformers get the model type that its
documentation asks for.
"""

from pathlib import Path

from benchmarks.peers.peer import Peer, Task

IMAGES = 300  # NNCF's own default


def make(task: Task, path: Path) -> int:
    """Quantize with the default preset."""
    import nncf
    import openvino

    batches = task.batches(IMAGES)
    kind = nncf.ModelType.TRANSFORMER if task.student.startswith("vit_") else None
    quantized = nncf.quantize(
        openvino.Core().read_model(task.onnx),
        nncf.Dataset(batches),
        subset_size=len(batches),
        model_type=kind,
    )
    openvino.save_model(quantized, path, compress_to_fp16=False)
    return len(batches)


PEERS = (
    Peer(
        name="nncf",
        runtime="openvino",
        module=__name__,
        make=make,
        packages=("nncf", "openvino"),
        imports=("nncf", "openvino"),
        requirements=("nncf", "openvino"),
        environment="nncf-openvino",
    ),
)
