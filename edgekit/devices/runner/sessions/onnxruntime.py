"""ONNX Runtime on the CPU."""

import json
import math
import os
import tempfile
from typing import Any, Callable, Dict, List, Sequence

import numpy as np

from ..errors import NotHereError

RUNS = 30  # of a profile
KERNEL = "_kernel_time"  # how its events end
# An ONNX file with one MatMulInteger: a (uint8) times b (int8) is c (int32).
PRODUCTS = (
    b'\x08\x04\x12\x00:>\n\x18\n\x01a\n\x01b\x12\x01c"\rMatMulInteger\x12\x01gZ\t\n\x01a'
    b"\x12\x04\n\x02\x08\x02Z\t\n\x01b\x12\x04\n\x02\x08\x03b\t\n\x01c\x12\x04\n\x02\x08\x06"
    b"B\x04\n\x00\x10\n"
)


class OnnxRuntime:
    """ONNX Runtime; `plain` as the file stands, no operators fused or replaced.

    Taps are outputs of the file already: who wants more of them edits the file.
    """

    def __init__(
        self,
        path: str,
        names: Sequence[str],
        threads: int,
        plain: bool = False,
        taps: Sequence[str] = (),
    ) -> None:
        onnxruntime = _onnxruntime()
        options = _options(onnxruntime, threads)
        if plain:
            off = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            options.graph_optimization_level = off
        self.session = _opened(onnxruntime, path, options)
        self.names = names
        self.wanted = [self.session.get_outputs()[0].name, *taps]
        self.found = []  # type: List[Any]
        self.version = f"onnxruntime {onnxruntime.__version__}"

    def inputs(self) -> List[Dict[str, Any]]:
        """Describe the artifact's inputs: name, shape, dtype."""
        return [
            {"name": item.name, "shape": list(item.shape), "dtype": item.type}
            for item in self.session.get_inputs()
        ]

    def run(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Run one sample."""
        self.found = self.session.run(self.wanted, dict(zip(self.names, arrays)))
        return np.asarray(self.found[0])

    def tapped(self) -> List[np.ndarray]:
        """Return the taps' tensors of the last run."""
        return [np.asarray(value, dtype=np.float32) for value in self.found[1:]]

    def ready(self, arrays: Sequence[np.ndarray]) -> Callable[[], Any]:
        """Return what is timed: one inference on inputs that lie ready."""
        feed = dict(zip(self.names, arrays))
        return lambda: self.session.run(None, feed)

    def traits(self) -> Dict[str, Any]:
        """Say what of this processor decides whether an artifact is right here."""
        return {"saturates": saturates()}

    @staticmethod
    def profile(
        path: str, names: Sequence[str], threads: int, runs: int = RUNS
    ) -> List[Dict[str, Any]]:
        """Run the profiler on zeros; each kernel's time is the fastest of so many runs.

        A kernel's one node has the name that fusing gave it.
        """
        onnxruntime = _onnxruntime()
        options = _options(onnxruntime, threads)
        options.enable_profiling = True
        with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
            options.profile_file_prefix = os.path.join(scratch, "profile")
            session = _opened(onnxruntime, path, options)
            feed = {item.name: np.zeros(item.shape, np.float32) for item in session.get_inputs()}
            for _ in range(1 + runs):
                session.run(None, feed)
            with open(session.end_profiling(), encoding="utf-8") as file:
                return _fastest(json.load(file))


def _fastest(events: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Return every kernel that ran, in the order in which they did; the first run allocates."""
    found = {}  # type: Dict[str, Dict[str, Any]]
    for event in events:
        name = str(event["name"])
        if event.get("cat") == "Node" and name.endswith(KERNEL):
            us = min(float(event["dur"]), found[name]["us"]) if name in found else math.inf
            kernel = {"kind": event["args"]["op_name"], "nodes": [name[: -len(KERNEL)]]}
            found[name] = dict(kernel, us=us)
    return list(found.values())


def _onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise NotHereError(f"onnxruntime is not installed ({error})") from error
    return onnxruntime


def _options(onnxruntime: Any, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return options


def _opened(onnxruntime: Any, path: str, options: Any) -> Any:
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def saturates() -> bool:
    """Ask ONNX Runtime whether it adds 8-bit products up wrongly on this processor.

    On x86 without VNNI its kernels add pairs of them up in 16 bits, which saturate.
    """
    import onnxruntime

    products = onnxruntime.InferenceSession(PRODUCTS, providers=["CPUExecutionProvider"])
    left, right = np.full((1, 64), 255, np.uint8), np.full((64, 16), 127, np.int8)
    found = products.run(None, {"a": left, "b": right})[0]
    return bool((found != 255 * 127 * 64).any())
