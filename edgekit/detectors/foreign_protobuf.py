"""Protocol buffers have no magic number: ONNX and Core ML are told by the fields at the top.

Read are only tags and lengths (https://protobuf.dev/programming-guides/encoding), never contents.
"""

from pathlib import Path
from typing import BinaryIO

# onnx.proto: ModelProto.graph; coremltools' Model.proto: the kinds of model lie at 200 and above.
_GRAPH, _CORE_ML = 7, 200
_VERSION_TAG = b"\x08"
_MOST = 32
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def protobuf_kind(path: Path) -> str | None:
    """Return "an ONNX model", "a Core ML model", or None."""
    with path.open("rb") as file:
        if file.read(1) != _VERSION_TAG:  # both begin with the version of their format
            return None
        file.seek(0)
        fields = _fields(file, path.stat().st_size)
    if any(field >= _CORE_ML for field in fields):
        return "a Core ML model"
    return "an ONNX model" if _GRAPH in fields and max(fields) <= 50 else None


def _fields(file: BinaryIO, size: int) -> list[int]:
    """List the numbers of the fields at the top; a broken one ends the list."""
    found: list[int] = []
    while file.tell() < size and len(found) < _MOST:
        tag = _varint(file)
        if tag is None or not _skip(file, tag & 7):
            break
        found.append(tag >> 3)
    return found


def _skip(file: BinaryIO, kind: int) -> bool:
    """Pass over one value; False where that is none."""
    if kind == _VARINT:
        return _varint(file) is not None
    length = {_FIXED64: 8, _FIXED32: 4}.get(kind)
    if kind == _BYTES:
        length = _varint(file)
    if length is None:
        return False
    file.seek(length, 1)
    return True


def _varint(file: BinaryIO) -> int | None:
    value = 0
    for shift in range(0, 64, 7):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    return None
