"""Which operators name the same memory again, and which write into it."""

import operator
from typing import Any

import torch
from torch.fx import Node


def views(node: Node) -> bool:
    """Tell whether the result is, or may be, another name of the memory that is read."""
    of_views = node.target == operator.getitem  # what split and chunk give
    return of_views or any(not alias.is_write for alias in _aliases(node))


def writes(node: Node) -> bool:
    """Tell whether an operator changes a tensor in place."""
    return any(alias.is_write for alias in _aliases(node))


def written(node: Node) -> list[Node]:
    """Return all names of the memory that an operator writes into: its target, what that views."""
    if not writes(node):
        return []
    found = [node.all_input_nodes[0]]
    while views(found[-1]) or writes(found[-1]):
        found.append(found[-1].all_input_nodes[0])
    return found


def _aliases(node: Node) -> list[Any]:
    if not isinstance(node.target, torch._ops.OpOverload):
        return []
    found = [item.alias_info for item in node.target._schema.returns]
    return [alias for alias in found if alias is not None]
