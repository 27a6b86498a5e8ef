"""What LiteRT's kernels compute: its profiler tells their kinds alone.

XNNPACK makes several kernels of some operators of the file and one of others. Convolutions and
linears stay what they are, each with one kernel, so that their order tells which is which.
"""

import re
from typing import Any, Dict, List

KERNELS = re.compile(r"Convolution|Fully.?Connected|CONV_2D", re.IGNORECASE)
OPERATORS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def give_names(kernels: List[Dict[str, Any]], interpreter: Any) -> None:
    """Put the tensor that a kernel computes into its `nodes`, where the order tells it.

    Args:
        kernels: of one inference, in the order in which they run.
        interpreter: LiteRT's own, with the same file.
    """
    heavy = [kernel for kernel in kernels if KERNELS.search(kernel["kind"])]
    names = _tensors(interpreter)
    if len(heavy) == len(names):
        for kernel, name in zip(heavy, names):
            kernel["nodes"] = [name]


def _tensors(interpreter: Any) -> List[str]:
    """Return what convolutions and linears of the file compute, in the order in which they run."""
    if not hasattr(interpreter, "_get_ops_details"):  # of old runtimes
        return []
    tensors = {item["index"]: item for item in interpreter.get_tensor_details()}
    ops = [each for each in interpreter._get_ops_details() if each["op_name"] in OPERATORS]
    return [_described(tensors[int(each["outputs"][0])]) for each in ops]


def _described(tensor: Dict[str, Any]) -> str:
    """Return a tensor's place in the student and its shape."""
    shape = "x".join(str(int(size)) for size in tensor["shape"])
    return f"{_place(tensor['name'])} {shape}"


def _place(name: str) -> str:
    """Return the modules that a converter's name leads through: `a.Block_layer1/b.Conv2d_conv`."""
    parts = [re.search(r"[A-Z][A-Za-z0-9]*_(.+)$", part) for part in name.split(";")[0].split("/")]
    return ".".join(part.group(1) for part in parts if part) or name[:60]
