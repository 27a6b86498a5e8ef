"""Say where in the student something happened: the operator, and the module that has it."""

import linecache
from collections.abc import Iterator
from types import FrameType

from torch import nn
from torch.fx import Node


def operator_name(node: Node) -> str:
    """Name an operator as people know it: `grid_sampler`, not `aten.grid_sampler.default`.

    Operators that are not torch's own keep their namespace: `mine::rotate`.
    """
    schema = getattr(node.target, "_schema", None)
    name = str(schema.name) if schema is not None else getattr(node.target, "__name__", node.name)
    return name.removeprefix("aten::")


def module_path(node: Node) -> str:
    """Return the path of the module that a node was traced in; "" when none is known."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    return str(stack[-1][0]) if stack else ""


def place(node: Node) -> str:
    """Name an operator and its module, such as `grid_sampler in neck.warp`."""
    return f"{operator_name(node)} in {module_path(node) or 'the model itself'}"


def failed_place(error: BaseException, model: nn.Module) -> str:
    """Say in which module of a model, and in which line of its code, an exception came up.

    Returns:
        such as `neck.warp (warp.py, line 12: if x.mean() > 0:)`; "" when it was not in its code.
    """
    names = {id(module): name for name, module in model.named_modules()}
    found = ""
    for frame, line in _frames(error):
        code = frame.f_code
        first = frame.f_locals.get(code.co_varnames[0]) if code.co_varnames else None
        if id(first) in names and not code.co_filename.endswith("torch/nn/modules/module.py"):
            source = linecache.getline(code.co_filename, line).strip()
            where = f"{code.co_filename.rpartition('/')[2]}, line {line}: {source}"
            found = f"{names[id(first)] or 'the model itself'} ({where})"
    return found


def _frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Yield the frames of an exception and of those that caused it, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    chain = []
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        chain.append(current)
        current = current.__cause__ or current.__context__
    for item in chain:
        trace = item.__traceback__
        while trace is not None:
            yield trace.tb_frame, trace.tb_lineno
            trace = trace.tb_next
