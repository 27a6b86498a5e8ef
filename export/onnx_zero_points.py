"""Give each weight a zero point of its own.

The exporter stores equal constants once. ONNX Runtime's `session.x64quantprecision` replaces each
weight together with its zero point, one after the other: 1.31 stops at the second weight of a
shared one ("Attempt to replace the existing tensor"). A zero point is a byte per channel.
"""

import onnx_ir as ir


def own_zero_points(model: ir.Model) -> int:
    """Copy zero points that several DequantizeLinear read.

    Args:
        model: edited in place.

    Returns:
        how many copies were made.
    """
    made, seen = 0, set()
    for node in model.graph:
        if node.op_type != "DequantizeLinear" or len(node.inputs) < 3:
            continue
        weight, zero_point = node.inputs[0], node.inputs[2]
        if weight is None or zero_point is None or weight.const_value is None:
            continue
        if zero_point in seen and zero_point.const_value is not None:
            name = f"{weight.name}_zero_point"
            copy = ir.Value(
                name=name, const_value=ir.tensor(zero_point.const_value.numpy(), name=name)
            )
            model.graph.register_initializer(copy)
            node.replace_input_with(2, copy)
            made += 1
        seen.add(zero_point)
    return made
