"""Where an artifact's time goes, by the runtime's own profiler, in the student's layers."""

import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

RUNS = 30
_BLOCKED = "_nchwc"


def slow_layers(artifact: Path, baseline: Path, layers: list[str]) -> list[str]:
    """Return layers that take longer in the int8 artifact than in the float one, worst first.

    Args:
        artifact: ONNX file with quantize/dequantize pairs.
        baseline: the same network in float.
        layers: names of heavy layers in the float Program.
    """
    ours, theirs = profile_onnx(artifact), profile_onnx(baseline)
    lost = {name: ours[name] - theirs[name] for name in layers if name in ours and name in theirs}
    return sorted((name for name in lost if lost[name] > 0), key=lambda name: -lost[name])


def profile_onnx(path: Path) -> dict[str, float]:
    """Run ONNX Runtime's profiler; return microseconds by tensor name, the fastest of 30 runs.

    Fusing gives nodes new names that begin with the old ones, so a time is given to the file's
    node with the longest such name. Float convolutions in ONNX Runtime's blocked layout are named
    after the last tensor that they compute, behind the activation and sum that are fused into them.
    What runs in between (conversions, layout changes) and fits no node is left out.
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
    return _by_output(events, onnx.load(path).graph)


def _by_output(events: list[dict[str, object]], graph: Any) -> dict[str, float]:
    outputs = {node.name: node.output[0] for node in graph.node if node.name}
    found, blocked = {}, {}
    for name, time in _fastest(events).items():
        owner = max((n for n in outputs if name.startswith(n)), key=len, default=None)
        if owner is not None:
            found[outputs[owner]] = time
        elif name.endswith(_BLOCKED):
            blocked[name.removesuffix(_BLOCKED)] = time
    known = {*found, *blocked}
    return found | {_convolution(graph, name, known): time for name, time in blocked.items()}


def _fastest(events: list[dict[str, object]]) -> dict[str, float]:
    """Return microseconds by kernel."""
    times: dict[str, list[float]] = defaultdict(list)
    for event in events:
        name = str(event["name"])
        if event.get("cat") == "Node" and name.endswith("_kernel_time"):
            times[name.removesuffix("_kernel_time")].append(float(str(event["dur"])))
    return {name: min(durations) for name, durations in times.items()}


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
