"""Pad with zeros by TFLite's own operator for it, which XNNPACK has a kernel of.

PyTorch pads a maximum's input with minus infinity, for which the converter writes `PADV2`. XNNPACK
takes `PAD` alone: the other one stays with a slow kernel (of the sample's student on a Cortex-A76
15% of the modelled cycles, and 5% as `PAD`) and cuts the graph in two. In int8 the smallest number
often is the zero point, as behind a ReLU, and then both pad alike.
"""

from typing import Any


def plain_padding(content: bytes) -> bytes:
    """Return an int8 TFLite file in which whatever pads with the zero point is a `PAD`.

    Args:
        content: a TFLite file; it comes back as it is where nothing is to be done.
    """
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(content)
    kinds = list(map(flatbuffer_utils.get_builtin_code_from_operator_code, model.operatorCodes))
    found = [
        operator
        for graph in model.subgraphs
        for operator in graph.operators
        if kinds[operator.opcodeIndex] == schema.BuiltinOperator.PADV2
        and _of_zeros(model, graph, operator)
    ]
    if not found:
        return content
    if schema.BuiltinOperator.PAD not in kinds:
        kinds.append(schema.BuiltinOperator.PAD)
        model.operatorCodes.append(_code_of_pad())
    for operator in found:
        operator.opcodeIndex = kinds.index(schema.BuiltinOperator.PAD)
        operator.inputs = list(operator.inputs[:2])
        operator.builtinOptionsType = schema.BuiltinOptions.PadOptions
        operator.builtinOptions = schema.PadOptionsT()
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _of_zeros(model: Any, graph: Any, operator: Any) -> bool:
    """Tell whether the constant is the zero point of what is padded."""
    padded, _, value = (graph.tensors[index] for index in operator.inputs)
    scales, data = padded.quantization, model.buffers[value.buffer].data
    if scales is None or scales.zeroPoint is None or data is None or len(data) != 1:
        return False
    signed = int.from_bytes(bytes(data), "little", signed=True)
    return signed == int(scales.zeroPoint[0])


def _code_of_pad() -> Any:
    from ai_edge_litert import schema_py_generated as schema

    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.PAD
    code.version = 2  # since then of int8
    return code
