"""Fold batch norms into the convolutions that feed them.

Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference" (CVPR 2018), section 3.2: inference-time batch norm is an affine map per channel, so it
merges into the convolution's weight and bias without changing the function.
"""

import torch
from torch.fx import GraphModule, Node
from torch.nn.utils.fusion import fuse_conv_bn_weights

aten = torch.ops.aten
CONVOLUTIONS = (aten.conv1d.default, aten.conv2d.default, aten.conv3d.default)


def fold_batch_norms(module: GraphModule) -> int:
    """Fold every batch norm whose only input is a convolution that nothing else reads.

    Args:
        module: an unlifted Program; edited in place.

    Returns:
        the number of batch norms folded.
    """
    norms = [node for node in module.graph.nodes if node.target == aten.batch_norm.default]
    foldable = [norm for norm in norms if _is_foldable(norm)]
    for norm in foldable:
        _fold(module, norm)
    return len(foldable)


def _is_foldable(norm: Node) -> bool:
    conv = norm.args[0]
    training = norm.args[5]
    return (
        isinstance(conv, Node)
        and conv.target in CONVOLUTIONS
        and len(conv.users) == 1
        and not training
        and all(is_constant(argument) for argument in conv.args[1:3])
        and isinstance(conv.args[1], Node)
        and len(conv.args[1].users) == 1
    )


def is_constant(argument: object) -> bool:
    """Tell a weight or bias that is stored (or absent) from one that the graph computes."""
    return argument is None or (isinstance(argument, Node) and argument.op == "get_attr")


def _fold(module: GraphModule, norm: Node) -> None:
    conv = norm.args[0]
    assert isinstance(conv, Node)
    bias = conv.args[2] if len(conv.args) > 2 else None
    gamma, beta, mean, variance = (tensor_of(module, argument) for argument in norm.args[1:5])
    weight, epsilon = tensor_of(module, conv.args[1]), norm.args[7]
    assert weight is not None
    assert mean is not None
    assert variance is not None
    assert isinstance(epsilon, float)
    assert isinstance(conv.args[1], Node)
    new_weight, new_bias = fuse_conv_bn_weights(
        weight, tensor_of(module, bias), mean, variance, epsilon, gamma, beta
    )
    set_tensor(module, str(conv.args[1].target), new_weight)
    with module.graph.inserting_before(conv):
        node = new_constant(module, f"{conv.args[1].target}_folded_bias", new_bias)
    conv.args = (*conv.args[:2], node, *conv.args[3:])
    norm.replace_all_uses_with(conv)
    module.graph.erase_node(norm)


def tensor_of(module: GraphModule, argument: object) -> torch.Tensor | None:
    """Return the constant tensor that a graph argument stands for; None for anything else."""
    if not isinstance(argument, Node) or argument.op != "get_attr":
        return None
    value: object = module
    for part in str(argument.target).split("."):
        value = getattr(value, part)
    return value.detach() if isinstance(value, torch.Tensor) else None


def new_constant(module: GraphModule, name: str, value: torch.Tensor) -> Node:
    """Store a constant and return the node that reads it, where the graph is being inserted into.

    Nothing that has the name already is touched: the new constant is then called `name_1` and so
    on, unless that one is the very same tensor.

    Args:
        module: edited in place.
        name: dotted; its parents need not exist.
        value: what to store.
    """
    flat, number = _reachable(module, name), 0
    place = flat
    while not _is_free(module, place, value):
        number += 1
        place = f"{flat}_{number}"
    set_tensor(module, place, value)
    return module.graph.get_attr(place)


def _reachable(module: GraphModule, name: str) -> str:
    """Return the name itself where its parents are modules; else with underscores for dots."""
    parents = name.split(".")[:-1]
    modules = dict(module.named_modules())
    return name if ".".join(parents) in modules else name.replace(".", "_")


def _is_free(module: GraphModule, name: str, value: torch.Tensor) -> bool:
    """Tell whether nothing has the name yet, or a tensor that cannot be told from the new one."""
    parent, _, last = name.rpartition(".")
    there = getattr(module.get_submodule(parent), last, None)
    if not isinstance(there, torch.Tensor):
        return there is None
    same = there.dtype == value.dtype and there.shape == value.shape
    return same and torch.equal(there, value)


def set_tensor(module: GraphModule, name: str, value: torch.Tensor) -> None:
    """Put a constant at a dotted attribute name, replacing what stood there."""
    *parents, last = name.split(".")
    owner = module.get_submodule(".".join(parents))
    if hasattr(owner, last):
        delattr(owner, last)
    owner.register_buffer(last, value.detach().clone())
