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
    name = f"{str(conv.args[1].target).replace('.', '_')}_folded_bias"
    set_tensor(module, name, new_bias)
    with module.graph.inserting_before(conv):
        node = module.graph.get_attr(name)
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
    assert isinstance(value, torch.Tensor)
    return value.detach()


def set_tensor(module: GraphModule, name: str, value: torch.Tensor) -> None:
    """Put a constant at a dotted attribute name, replacing what stood there."""
    owner: torch.nn.Module = module
    *parents, last = name.split(".")
    for part in parents:
        owner = owner.get_submodule(part)
    if hasattr(owner, last):
        delattr(owner, last)
    owner.register_buffer(last, value.detach().clone())
