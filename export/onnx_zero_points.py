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
    made, seen = 0, set[ir.Value]()
    for node in model.graph:
        zero_point = _weights_zero_point(node)
        if zero_point in seen:
            node.replace_input_with(2, _copy(model.graph, zero_point))
            made += 1
        elif zero_point is not None:
            seen.add(zero_point)
    return made


def _weights_zero_point(node: ir.Node) -> ir.Value | None:
    """Return the stored zero point of a stored weight; None for every other node."""
    if node.op_type != "DequantizeLinear" or len(node.inputs) < 3:
        return None
    weight, zero_point = node.inputs[0], node.inputs[2]
    stored = [value is not None and value.const_value is not None for value in (weight, zero_point)]
    return zero_point if all(stored) else None


def _copy(graph: ir.Graph, value: ir.Value | None) -> ir.Value:
    assert value is not None
    assert value.const_value is not None
    name = f"{value.name}_copy"
    while name in graph.initializers:
        name += "_"
    copy = ir.Value(name=name, const_value=ir.tensor(value.const_value.numpy(), name=name))
    graph.register_initializer(copy)
    return copy
