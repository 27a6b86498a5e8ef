"""No quantization: float32 as exported, and float16."""

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.peers.peer import Peer, Runtime, Task


def onnx_fp32(task: Task, path: Path) -> int:
    """Take the float model as it is."""
    shutil.copyfile(task.onnx, path)
    return 0


def openvino_fp32(task: Task, path: Path) -> int:
    """Take the float model as it is, as IR."""
    import openvino

    openvino.save_model(openvino.Core().read_model(task.onnx), path, compress_to_fp16=False)
    return 0


def tflite_fp32(task: Task, path: Path) -> int:
    """Take the float model as it is."""
    shutil.copyfile(task.tflite, path)
    return 0


def onnx_fp16(task: Task, path: Path) -> int:
    """Store and compute in float16."""
    return _fp16("x86", task, path)


def tflite_fp16(task: Task, path: Path) -> int:
    """Store weights in float16."""
    return _fp16("android", task, path)


def _fp16(target_name: str, task: Task, path: Path) -> int:
    from edgekit.calibration.program import float_program
    from edgekit.detectors.registry import open_detector
    from edgekit.exporters.registry import builder_of
    from edgekit.runtimes import runtime_named
    from edgekit.target import target_named

    target = target_named(target_name)
    program = float_program(open_detector(Path(task.detector)))
    builder = builder_of(runtime_named(target.runtime))
    built = builder.build(program, target, "fp16", path.parent)
    assert path.parent / built.artifact == path
    return 0


_Make = Callable[[Task, Path], int]
_FP16: dict[Runtime, tuple[_Make, tuple[str, ...]]] = {
    "onnxruntime": (onnx_fp16, ("onnxruntime", "onnx", "onnxscript", "torch")),
    "litert": (tflite_fp16, ("litert-torch", "ai-edge-quantizer", "torch")),
}
_FP32: dict[Runtime, _Make] = {
    "onnxruntime": onnx_fp32,
    "openvino": openvino_fp32,
    "litert": tflite_fp32,
}
PEERS = (
    *(Peer("fp32", runtime, __name__, make, copy=True) for runtime, make in _FP32.items()),
    *(
        Peer(
            "fp16",
            runtime,
            __name__,
            make,
            packages=packages,
            imports=("torch", "edgekit.exporters.bundle"),
            code=(
                "edgekit.calibration.program",
                "edgekit.detectors.registry",
                "edgekit.exporters.registry",
            ),
        )
        for runtime, (make, packages) in _FP16.items()
    ),
)
