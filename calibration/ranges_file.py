"""The `.npz` file of Ranges: a JSON header, and arrays that hold all tensors' figures in a row."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.calibration.channels import Channels
from edgekit.calibration.histogram import Histogram
from edgekit.errors import InputError
from edgekit.files import write_whole

FORMAT = 2
_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    EOFError,
    TypeError,
    zipfile.BadZipFile,
    zlib.error,
)
Tables = tuple[
    dict[str, Any], dict[str, Histogram], dict[str, Channels], dict[str, tuple[float, float]]
]


def write_file(
    path: Path,
    header: Mapping[str, object],
    histograms: dict[str, Histogram],
    channels: dict[str, Channels],
    early: dict[str, tuple[float, float]],
) -> None:
    """Write the tables; a histogram that several tensors share is stored once."""
    stored = list({id(item): item for item in histograms.values()}.values())
    rows = {id(item): row for row, item in enumerate(stored)}
    header = {
        "format": FORMAT,
        **header,
        "rows": {name: rows[id(item)] for name, item in histograms.items()},
        "channels": {name: item.low.size for name, item in channels.items()},
        "early": list(early),
    }
    parts = [np.stack([item.low, item.high, item.mean]) for item in channels.values()]
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        "exponents": np.array([item.exponent for item in stored], dtype=np.int64),
        "bounds": np.array([(item.low, item.high) for item in stored], dtype=np.float64),
        "counts": np.array([item.counts for item in stored], dtype=np.int64),
        "channels": np.concatenate([np.zeros((3, 0), np.float32), *parts], axis=1),
        "early": np.array(list(early.values()), dtype=np.float64),
    }
    write_whole(path, _zipped(arrays))


def _zipped(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Pack as numpy.savez_compressed does, but without the time of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), entry.getvalue(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def read_file(path: Path) -> Tables:
    """Return header, histograms, channels and early bounds.

    Raises:
        InputError: when the file is missing, damaged or of another format.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            header = json.loads(_array(archive, "header").tobytes())
            if header["format"] != FORMAT:
                raise InputError(
                    f"{path} has format {header['format']}, this edgekit reads {FORMAT}",
                    "Run edgekit calibrate again",
                )
            return (
                header,
                _histograms(archive, header["rows"]),
                _channels(archive, header["channels"]),
                _early(archive, header["early"]),
            )
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist", "Run edgekit calibrate") from error
    except _DAMAGE as error:
        raise InputError(f"{path} is damaged: {error}", "Run edgekit calibrate again") from error


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    stored = io.BytesIO(archive.read(f"{name}.npy"))
    return np.asarray(np.load(stored, allow_pickle=False))


def _histograms(archive: zipfile.ZipFile, rows: dict[str, int]) -> dict[str, Histogram]:
    columns = (_array(archive, name) for name in ("exponents", "bounds", "counts"))
    stored = [
        Histogram(int(exponent), counts, float(low), float(high))
        for exponent, (low, high), counts in zip(*columns, strict=True)
    ]
    return {name: stored[row] for name, row in rows.items()}


def _channels(archive: zipfile.ZipFile, sizes: dict[str, int]) -> dict[str, Channels]:
    ends = np.cumsum(list(sizes.values()), dtype=np.int64)
    parts = np.split(_array(archive, "channels"), ends[:-1], axis=1)
    return {name: Channels(*part) for name, part in zip(sizes, parts, strict=False)}


def _early(archive: zipfile.ZipFile, names: list[str]) -> dict[str, tuple[float, float]]:
    rows = _array(archive, "early")
    return {name: (float(low), float(high)) for name, (low, high) in zip(names, rows, strict=True)}
