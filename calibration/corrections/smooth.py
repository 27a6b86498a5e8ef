"""Move outliers of activations into the weights that read them.

Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language
Models" (ICML 2023), equation 4. A LayerNorm's own weight and bias divide each channel by s, the
linear layers that read it multiply their columns by s. One scale for all channels of the
activations then serves all of them.
"""

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.corrections.constants import is_own, store, stored
from edgekit.calibration.corrections.draft import Draft
from edgekit.calibration.operators import IDENTITIES, group_of

aten = torch.ops.aten
_SMALLEST = 1e-5


def smooth(draft: Draft) -> int:
    """Smooth every LayerNorm that linear layers alone read.

    Returns:
        the number of LayerNorms.
    """
    norms = draft.graph.graph.find_nodes(op="call_function", target=aten.layer_norm.default)
    fitting = [(norm, _readers(draft.graph, norm)) for norm in norms]
    chosen = [(norm, readers) for norm, readers in fitting if readers]
    for norm, readers in chosen:
        largest = torch.as_tensor(draft.largest(norm.name))
        _migrate(draft.graph, norm, readers, largest, draft.settings.alpha)
    return len(chosen)


def _readers(graph: GraphModule, norm: Node) -> list[Node]:
    """Return the linear layers that read a LayerNorm; none when anything else does too."""
    own = bool(_affine(norm)) and all(is_own(graph, argument) for argument in _affine(norm))
    readers = _through(norm) if own and _over_last(norm) else []
    fit = all(group_of(n) == "linear" and is_own(graph, n.args[1]) for n in readers)
    return readers if fit else []


def _affine(norm: Node) -> list[object]:
    """Return the weight and the bias, which may be absent; nothing when the weight is."""
    found: list[object] = [argument for argument in norm.args[2:4] if argument is not None]
    return found if len(norm.args) > 2 and norm.args[2] is not None else []


def _over_last(norm: Node) -> bool:
    """Tell a LayerNorm over channels alone from one over several dimensions."""
    shape = norm.args[1]
    return isinstance(shape, list | tuple) and len(shape) == 1


def _through(node: Node) -> list[Node]:
    """Return what reads a tensor, looking through what leaves its channels last."""
    found: list[Node] = []
    for user in node.users:
        found += _through(user) if _keeps_channels(user) else [user]
    return found


def _keeps_channels(node: Node) -> bool:
    if node.target in IDENTITIES:
        return True
    value = node.meta.get("val")
    if node.target != aten.transpose.int or not isinstance(value, torch.Tensor):
        return False
    return all(isinstance(d, int) and d % value.dim() != value.dim() - 1 for d in node.args[1:])


def _migrate(
    graph: GraphModule, norm: Node, readers: list[Node], largest: torch.Tensor, alpha: float
) -> None:
    columns = [stored(graph, reader.args[1]).abs().amax(dim=0) for reader in readers]
    weights = torch.stack(columns).amax(dim=0)
    factors = largest.clamp(min=_SMALLEST) ** alpha / weights.clamp(min=_SMALLEST) ** (1 - alpha)
    # A channel that is silent, or that nobody reads, has nothing to move.
    factors = torch.where((largest > 0) & (weights > 0), factors, 1.0).float()
    for argument in _affine(norm):
        store(graph, argument, stored(graph, argument) / factors)
    for reader in readers:
        store(graph, reader.args[1], stored(graph, reader.args[1]) * factors)
