"""OpenVINO on the CPU."""

import os
from typing import Any, Callable, Dict, List, Sequence

import numpy as np

from ..errors import NotHereError

RUNS = 100  # of a profile
FIRST = 2  # OpenVINO prepares kernels in the first runs


class OpenVino:
    """OpenVINO on the CPU; `plain` with quantize/dequantize pairs computed in float, none fused.

    `more` is set besides what every run needs.
    """

    def __init__(
        self,
        path: str,
        names: Sequence[str],
        threads: int,
        plain: bool = False,
        taps: Sequence[str] = (),
        **more: Any,
    ) -> None:
        try:
            import openvino
        except ImportError as error:
            raise NotHereError(f"openvino is not installed ({error})") from error
        settings = {
            # Else processors with bfloat16 compute in that, and decide otherwise than all others.
            "INFERENCE_PRECISION_HINT": "f32",
            # Else activations are rounded where weights alone were quantized.
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads,
            # Several runs at once on one machine must not be bound to the same core.
            "ENABLE_CPU_PINNING": False,
            **more,
        }
        if plain:
            settings.update(LP_TRANSFORMS_MODE="NO", SNIPPETS_MODE="DISABLE")
        core = openvino.Core()
        model = core.read_model(openvino_graph(path))
        if taps:
            model.add_outputs(list(taps))
        self.taps = taps
        self.compiled = core.compile_model(model, "CPU", settings)
        self.request = self.compiled.create_infer_request()
        self.names = names
        self.version = "openvino " + openvino.__version__.partition("-")[0]

    def inputs(self) -> List[Dict[str, Any]]:
        """Describe the artifact's inputs: name, shape, dtype."""
        return [
            {
                "name": item.any_name,
                "shape": [int(size) for size in item.shape],
                "dtype": np.dtype(item.element_type.to_dtype()).name,
            }
            for item in self.compiled.inputs
        ]

    def run(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Run one sample."""
        self.ready(arrays)()
        return np.array(self.request.get_output_tensor(0).data)

    def tapped(self) -> List[np.ndarray]:
        """Return the taps' tensors of the last run."""
        found = [self.request.get_tensor(tap).data for tap in self.taps]
        return [np.array(value, dtype=np.float32) for value in found]

    def ready(self, arrays: Sequence[np.ndarray]) -> Callable[[], Any]:
        """Return what is timed: one inference on inputs that lie ready."""
        for name, array in zip(self.names, arrays):
            self.request.get_tensor(name).data[:] = array
        return lambda: self.request.infer(share_outputs=True)

    @staticmethod
    def profile(
        path: str, names: Sequence[str], threads: int, runs: int = RUNS
    ) -> List[Dict[str, Any]]:
        """Run the profiler on zeros; each kernel's time is the mean of so many runs.

        A kernel's nodes are the operators of the file that it computes.
        """
        session = OpenVino(path, names, threads, PERF_COUNT=True)
        shapes = [item["shape"] for item in session.inputs()]
        infer = session.ready([np.zeros(shape, dtype=np.float32) for shape in shapes])
        first = session.totals(infer, FIRST)
        every = session.totals(infer, runs, FIRST)
        executed = session.compiled.get_runtime_model().get_ordered_ops()
        nodes = {node.get_friendly_name(): node.get_rt_info() for node in executed}
        return [
            {
                "kind": nodes[name]["layerType"].astype(str),
                "us": max(0.0, total - first[name]) / runs,
                "nodes": nodes[name]["originalLayersNames"].astype(str).split(","),
            }
            for name, total in every.items()
        ]

    def totals(self, infer: Callable[[], Any], runs: int, before: int = 0) -> Dict[str, float]:
        """Run; return microseconds by kernel of all runs, of which OpenVINO keeps the mean."""
        for _ in range(runs):
            infer()
        rows = self.request.get_profiling_info()
        ran = [row for row in rows if row.status == row.Status.EXECUTED]
        return {row.node_name: (before + runs) * row.real_time.total_seconds() * 1e6 for row in ran}


def openvino_graph(path: str) -> str:
    """Return the graph's file: the artifact is its folder, because weights lie beside it."""
    return path if path.endswith(".xml") else os.path.join(path, "model.xml")
