"""Olive's workflow for an ONNX model on a CPU: graph passes, then static quantization.

https://microsoft.github.io/Olive: OnnxPeepholeOptimizer, for plain transformers
OrtTransformersOptimization, and OnnxStaticQuantization per channel.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import Peer, Task

IMAGES = 512


class Images:
    """The calibration images as Olive wants a dataset: ({input: [3, H, W]}, label)."""

    def __init__(self, name: str, samples: NDArray[np.float32]) -> None:
        self.name, self.samples = name, samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[dict[str, NDArray[np.float32]], int]:
        return {self.name: np.array(self.samples[index])}, 0


def passes(student: str) -> dict[str, dict[str, Any]]:
    """Return the workflow's passes in their order."""
    found: dict[str, dict[str, Any]] = {"peephole": {"type": "OnnxPeepholeOptimizer"}}
    if student.startswith("vit_"):
        found["transformers"] = {"type": "OrtTransformersOptimization", "model_type": "vit"}
    found["quantize"] = {
        "type": "OnnxStaticQuantization",
        "per_channel": True,
        "data_config": "calibration",
    }
    return found


def make(task: Task, path: Path) -> int:
    """Run the workflow in a temporary folder and take what its last pass wrote."""
    import olive
    from olive.data.registry import Registry

    samples = task.samples(IMAGES)
    Registry.register_dataset("benchmark_images")(lambda **_: Images(task.input, samples))
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "input_model": {"type": "ONNXModel", "model_path": task.onnx},
            "data_configs": [
                {
                    "name": "calibration",
                    "type": "DataContainer",
                    "load_dataset_config": {"type": "benchmark_images"},
                    "pre_process_data_config": {"type": "skip_pre_process"},
                    "post_process_data_config": {"type": "skip_post_process"},
                    "dataloader_config": {"type": "default_dataloader", "batch_size": 1},
                }
            ],
            "passes": passes(task.student),
            "output_dir": f"{folder}/out",
            "cache_dir": f"{folder}/cache",
        }
        found = olive.run(settings).get_best_candidate()
        shutil.copyfile(found.model_path, path)
    return len(samples)


os.environ["OLIVE_DISABLE_TELEMETRY"] = "1"  # read when Olive is imported
PEERS = (
    Peer(
        name="olive",
        runtime="onnxruntime",
        module=__name__,
        make=make,
        packages=("olive-ai", "onnxruntime", "onnx", "torch"),
        imports=("olive", "onnxruntime.quantization", "torch"),
        requirements=("olive-ai", "onnxruntime", "onnx", "onnxoptimizer", "requests"),
    ),
)
