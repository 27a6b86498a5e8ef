"""Whose kernels they are in a profile of LiteRT's: it tells their kinds, and no names."""

import re
from collections.abc import Sequence
from pathlib import Path

from edgekit.devices.device import KernelTime
from edgekit.search.profilers.kernel import Kernel

_GROUPS = {
    "convolution": re.compile(r"Convolution|CONV_2D"),
    "linear": re.compile(r"Fully.?Connected", re.IGNORECASE),
    "matmul": re.compile(r"Batch Matrix Multiply|BATCH_MATMUL"),
}


def named(found: Sequence[KernelTime], path: Path) -> list[Kernel]:
    """Give each kernel its group of operators."""
    return [Kernel(kernel.kind, kernel.us, _group(kernel.kind)) for kernel in found]


def _group(kind: str) -> str:
    return next((name for name, known in _GROUPS.items() if known.search(kind)), "")
