"""ONNX Runtime's profiler."""

import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.search.profilers.kernel import Kernel

RUNS = 30
_BLOCKED, _KERNEL = "_nchwc", "_kernel_time"
_GROUPS = {
    **dict.fromkeys(("Conv", "FusedConv", "QLinearConv", "ConvInteger"), "convolution"),
    **dict.fromkeys(("Gemm", "QGemm", "FusedGemm"), "linear"),
    **dict.fromkeys(("MatMul", "FusedMatMul", "QLinearMatMul", "MatMulInteger"), "matmul"),
}


def kernels(path: Path) -> list[Kernel]:
    """Run ONNX Runtime's profiler; each kernel's time is the fastest of 30 runs.

    Fusing gives nodes new names that begin with the old ones, so a time is given to the file's
    node with the longest such name. Float convolutions in ONNX Runtime's blocked layout are named
    after the last tensor that they compute, behind the activation and sum that are fused into them.
    What runs in between (conversions, layout changes) and fits no node has no name.
    """
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_profiling = True
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        options.profile_file_prefix = str(Path(scratch, "profile"))
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        feed = {item.name: np.zeros(item.shape, dtype=np.float32) for item in session.get_inputs()}
        for _ in range(RUNS):
            session.run(None, feed)
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    return _named(events, onnx.load(path).graph)


def _named(events: list[dict[str, Any]], graph: Any) -> list[Kernel]:
    outputs = {node.name: node.output[0] for node in graph.node if node.name}
    fastest = _fastest(events)
    owners = {event: _owner(event, outputs) for event in fastest}
    blocked = {event: event.removesuffix(_BLOCKED) for event in fastest if event.endswith(_BLOCKED)}
    known = {name for name in (*owners.values(), *blocked.values()) if name}
    found = []
    for event, (kind, us) in fastest.items():
        name = owners[event]
        if not name and event in blocked:
            name = _convolution(graph, blocked[event], known)
        found.append(Kernel(kind=kind, us=us, group=_GROUPS.get(kind, ""), name=name))
    return found


def _owner(event: str, outputs: dict[str, str]) -> str:
    """Return the tensor that the file's node with the longest fitting name computes."""
    node = max((name for name in outputs if event.startswith(name)), key=len, default=None)
    return "" if node is None else outputs[node]


def _fastest(events: list[dict[str, Any]]) -> dict[str, tuple[str, float]]:
    """Return kind and microseconds by kernel, in the order in which they run."""
    times: dict[str, list[float]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for event in events:
        name = str(event["name"])
        if event.get("cat") == "Node" and name.endswith(_KERNEL):
            times[name.removesuffix(_KERNEL)].append(float(event["dur"]))
            kinds[name.removesuffix(_KERNEL)] = str(event["args"]["op_name"])
    return {name: (kinds[name], min(durations)) for name, durations in times.items()}


def _convolution(graph: Any, last: str, known: set[str]) -> str:
    """Return the convolution whose kernel also computes up to the tensor `last`.

    Args:
        graph: of the file.
        last: a tensor's name.
        known: tensors that kernels of their own compute, at which no other kernel looks past.
    """
    makers = {output: node for node in graph.node for output in node.output}
    waiting = [last]
    while waiting:
        name = waiting.pop(0)
        if name not in makers or (name in known and name != last):
            continue
        if makers[name].op_type == "Conv":
            return name
        waiting += makers[name].input
    return last
