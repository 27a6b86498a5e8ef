"""Whose kernels they are in a profile of OpenVINO's."""

from collections.abc import Sequence
from pathlib import Path

from edgekit.devices.device import KernelTime
from edgekit.devices.runner.sessions.openvino import openvino_graph
from edgekit.search.profilers.kernel import Kernel

_GROUPS = {"Convolution": "convolution", "FullyConnected": "linear", "MatMul": "matmul"}


def named(found: Sequence[KernelTime], path: Path) -> list[Kernel]:
    """Give each kernel the tensor of the file that it computes.

    A kernel knows which operators of the file it computes. It is named after the first of them
    whose tensor has a name: the convolution, ahead of the activation and sum fused into it.

    Args:
        found: kernels with those operators.
        path: the artifact's folder.
    """
    tensors = _tensors(path)
    kernels = []
    for kernel in found:
        own = [tensor for name, tensor in tensors.items() if name in kernel.nodes]
        group = _GROUPS.get(kernel.kind, "")
        kernels.append(Kernel(kernel.kind, kernel.us, group, next(iter(own), "")))
    return kernels


def _tensors(path: Path) -> dict[str, str]:
    """Return the tensor of each operator of the file, in the order in which they run."""
    import openvino

    found = {}
    for node in openvino.Core().read_model(openvino_graph(str(path))).get_ordered_ops():
        names = sorted(node.output(0).names) if node.get_output_size() else ()
        if names and node.get_type_name() not in ("Constant", "Parameter", "FakeQuantize"):
            found[node.get_friendly_name()] = names[0]
    return found
