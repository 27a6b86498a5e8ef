"""What goes to a board and comes back. Inputs take a byte a value where that loses nothing.

A preprocessed picture has at most 256 different values in each channel, because it was one of 8-bit
pixels. A table of those values and a byte for each pixel are the same bits as the floats, in a
quarter of the size.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.settings import Json

VALUES = 256


def coded(name: str, array: NDArray[np.float32]) -> tuple[Json, bytes]:
    """Write an input for a board, without loss.

    Args:
        name: of the input.
        array: float32 [N, ...]; [N, C, H, W] where it is a picture.

    Returns:
        what `board.py` needs to know to read it (the tables as hexadecimal text: the first bytes of
        all 256 values, then the second ones, and so on), and the bytes.
    """
    array = np.ascontiguousarray(array, dtype="<f4")
    found = _pictures(array) if array.ndim == 4 else None
    tables, data = found or ([], array)
    blocks = array.shape[0] * (array.shape[1] if tables else 1)
    described: Json = {
        "name": name,
        "shape": list(array.shape),
        "tables": [table.tobytes().hex() for table in tables],
        "blocks": blocks,
        "block_bytes": data.nbytes // max(blocks, 1),
    }
    return described, data.tobytes()


def _pictures(array: NDArray[np.float32]) -> tuple[list[NDArray[np.uint8]], NDArray[Any]] | None:
    """Return a table per channel and the places in them, uint8 [N, C, H, W]; None if none fits."""
    bits = array.view(np.uint32)  # so that -0.0 and NaN stay what they are
    places = np.empty(array.shape, dtype=np.uint8)
    tables = []
    for channel in range(array.shape[1]):
        values = _placed(bits[:, channel], places[:, channel])
        if values is None:
            return None
        padded = np.zeros(VALUES, dtype="<u4")
        padded[: len(values)] = values
        tables.append(padded.view(np.uint8).reshape(VALUES, 4).T.copy())
    return tables, places


def _placed(bits: NDArray[np.uint32], places: NDArray[np.uint8]) -> NDArray[np.uint32] | None:
    """Fill in the places of a channel; return its values in order, None if there are too many."""
    values = np.empty(0, dtype=np.uint32)
    for index, sample in enumerate(bits):
        found = np.searchsorted(values, sample)
        if not len(values) or (values[np.minimum(found, len(values) - 1)] != sample).any():
            more = np.union1d(values, sample)
            if len(more) > VALUES:
                return None
            moved = np.searchsorted(more, values).astype(np.uint8)
            places[:index] = moved[places[:index]] if index else 0
            values, found = more, np.searchsorted(more, sample)
        places[index] = found
    return values


def parts(data: bytes, sizes: Sequence[tuple[str, int]]) -> dict[str, bytes]:
    """Take apart what a board sent in one piece.

    Args:
        data: the files' bytes, one behind the other.
        sizes: their names and lengths.
    """
    found, at = {}, 0
    for name, size in sizes:
        found[name] = data[at : at + size]
        at += size
    return found
