"""OpenVINO's profiler."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.devices.runner import OpenVino, openvino_graph
from edgekit.search.profilers.kernel import Kernel

RUNS = 100
_FIRST = 2  # OpenVINO prepares kernels in the first runs
_GROUPS = {"Convolution": "convolution", "FullyConnected": "linear", "MatMul": "matmul"}


def kernels(path: Path) -> list[Kernel]:
    """Run OpenVINO's profiler; each kernel's time is the mean of 100 runs.

    A kernel knows which operators of the file it computes. It is named after the first of them
    whose tensor has a name: the convolution, ahead of the activation and sum fused into it.
    """
    session = OpenVino(str(path), (), threads=1, PERF_COUNT=True)
    inputs = session.inputs()
    session.names = [item["name"] for item in inputs]
    infer = session.ready([np.zeros(item["shape"], dtype=np.float32) for item in inputs])
    first, all_runs = _totals(session, infer, _FIRST), _totals(session, infer, RUNS, _FIRST)
    executed = session.compiled.get_runtime_model().get_ordered_ops()
    nodes, tensors = {node.get_friendly_name(): node for node in executed}, _tensors(path)
    return [
        _kernel(nodes[name], max(0.0, total - first[name]) / RUNS, tensors)
        for name, total in all_runs.items()
    ]


def _totals(
    session: OpenVino, infer: Callable[[], Any], runs: int, before: int = 0
) -> dict[str, float]:
    """Run; return microseconds by kernel of all runs, of which OpenVINO keeps the mean."""
    for _ in range(runs):
        infer()
    rows = session.request.get_profiling_info()
    ran = [row for row in rows if row.status == row.Status.EXECUTED]
    return {row.node_name: (before + runs) * row.real_time.total_seconds() * 1e6 for row in ran}


def _kernel(node: Any, us: float, tensors: dict[str, str]) -> Kernel:
    about = node.get_rt_info()
    kind = about["layerType"].astype(str)
    parts = set(about["originalLayersNames"].astype(str).split(","))
    named = [tensor for name, tensor in tensors.items() if name in parts]
    return Kernel(kind, us, _GROUPS.get(kind, ""), next(iter(named), ""))


def _tensors(path: Path) -> dict[str, str]:
    """Return the tensor of each operator of the file, in the order in which they run."""
    import openvino

    found = {}
    for node in openvino.Core().read_model(openvino_graph(str(path))).get_ordered_ops():
        names = sorted(node.output(0).names) if node.get_output_size() else ()
        if names and node.get_type_name() not in ("Constant", "Parameter", "FakeQuantize"):
            found[node.get_friendly_name()] = names[0]
    return found
