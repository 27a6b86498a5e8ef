"""Teach the TFLite converter that padding can be done in NHWC.

litert-torch 0.10 has no rule for `constant_pad_nd` in its change of layout, so each one is put
between two transposes, and where the padded tensor is quantized and read twice the converter gives
up ("Attempting to convert non-NHWC compatible node").
"""

import torch
from torch.fx import Node


def register_padding() -> None:
    """Register the rule; once is enough, more do no harm."""
    from litert_torch._convert.fx_passes.optimize_layout_transposes_pass import layout_rewrite

    layout_rewrite.rewriters.register(torch.ops.aten.constant_pad_nd.default)(_to_nhwc)


def _to_nhwc(node: Node) -> None:
    """Pads come from the last dimension backwards: [W, W, H, H] becomes [C, C, W, W, H, H]."""
    source, pads, *rest = node.args
    assert isinstance(pads, list | tuple)
    every = [*pads, *[0] * (8 - len(pads))]
    node.args = (source, [*every[4:6], *every[:4], *every[6:]], *rest)
