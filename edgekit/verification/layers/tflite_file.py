"""What a TFLite file holds: its operators, and the same file with more outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Operator:
    """One operator of a file.

    Attributes:
        kind: TFLite's name of it, such as `CONV_2D`.
        inputs: the tensors that it reads, by index.
        output: the first tensor that it writes.
    """

    kind: str
    inputs: tuple[int, ...]
    output: int


def operators_of(path: Path) -> list[Operator]:
    """List the operators of a file in their order."""
    from ai_edge_litert.schema_py_generated import BuiltinOperator

    model = _read(path)
    names = {code: name for name, code in vars(BuiltinOperator).items() if isinstance(code, int)}
    # Files before version 3a of the schema have the code in the older, narrower field.
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    return [
        Operator(
            kind=names.get(codes[each.opcodeIndex], "CUSTOM"),
            inputs=tuple(int(tensor) for tensor in each.inputs),
            output=int(each.outputs[0]),
        )
        for each in model.subgraphs[0].operators
    ]


def outputs_of(path: Path) -> list[int]:
    """List the tensors that a file puts out, by index."""
    return [int(tensor) for tensor in _read(path).subgraphs[0].outputs]


def with_outputs(path: Path, tensors: Sequence[int]) -> bytes:
    """Return a file's content with more outputs, behind its own.

    Args:
        path: the file.
        tensors: their indices.
    """
    import flatbuffers

    model = _read(path)
    graph = model.subgraphs[0]
    own = [int(tensor) for tensor in graph.outputs]
    graph.outputs = [*own, *(tensor for tensor in tensors if tensor not in own)]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _read(path: Path) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
