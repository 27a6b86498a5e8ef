"""Bring a Program into the form in which the TFLite converter changes its layout to NHWC rightly.

litert-torch 0.10 has no rule for `constant_pad_nd` in its change of layout, so each one is put
between two transposes, and where the padded tensor is quantized and read twice the converter gives
up ("Attempting to convert non-NHWC compatible node").

Where a dequantized tensor has two readers and one of them wants NHWC, it marks the tensor itself
with the layout of the transposed copy (its `insert_t_q_dq` gives both the same `meta`), and the
other reader meets a tensor in NCHW that it takes for NHWC ("Attempting to broadcast a dimension").
Sums behind a branch that permutes have that, as in ConvNeXt and EdgeNeXt blocks.
"""

import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.operators import pairs


def register_padding() -> None:
    """Register the rule for padding; once is enough, more do no harm."""
    from litert_torch._convert.fx_passes.optimize_layout_transposes_pass import layout_rewrite

    layout_rewrite.rewriters.register(torch.ops.aten.constant_pad_nd.default)(_to_nhwc)


def _to_nhwc(node: Node) -> None:
    """Pads come from the last dimension backwards: [W, W, H, H] becomes [C, C, W, W, H, H]."""
    source, pads, *rest = node.args
    assert isinstance(pads, list | tuple)
    every = [*pads, *[0] * (8 - len(pads))]
    node.args = (source, [*every[4:6], *every[:4], *every[6:]], *rest)


def separate_readers(graph: GraphModule) -> int:
    """Give each reader of a dequantized tensor a dequantize operator of its own.

    Args:
        graph: an unlifted Program; edited in place.

    Returns:
        how many operators are new.
    """
    target = pairs.dequantize_per_tensor.default
    shared = graph.graph.find_nodes(op="call_function", target=target)
    count = 0
    for restored in shared:
        for reader in list(restored.users)[1:]:
            with graph.graph.inserting_before(reader):
                own = graph.graph.node_copy(restored)
            reader.replace_input_with(restored, own)
            count += 1
    graph.recompile()
    return count
