"""What calibration saw: one histogram per tensor of the float Program, and of which images."""

import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.calibration.histogram import Histogram
from edgekit.errors import InputError
from edgekit.files import write_whole

FORMAT = 1
_DAMAGE = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Ranges:
    """Histograms by tensor name, with where they come from.

    Attributes:
        histograms: by the name of the tensor's node in the float Program.
        samples: how many samples were seen.
        data_sha256: content hash of those samples.
    """

    histograms: dict[str, Histogram]
    samples: int
    data_sha256: str

    def save(self, path: Path) -> None:
        """Write one `.npz` file, whole or not at all; nothing in it is pickled."""
        items = self.histograms.values()
        header = {
            "format": FORMAT,
            "samples": self.samples,
            "data_sha256": self.data_sha256,
            "names": list(self.histograms),
        }
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
            exponents=np.array([item.exponent for item in items], dtype=np.int64),
            bounds=np.array([(item.low, item.high) for item in items], dtype=np.float64),
            counts=np.array([item.counts for item in items], dtype=np.int64),
        )
        write_whole(path, buffer.getvalue())


def load_ranges(path: Path) -> Ranges:
    """Read what `Ranges.save` wrote.

    Raises:
        InputError: when the file is missing, damaged or of another format.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            header, histograms = _read(archive)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist", "Run edgekit calibrate") from error
    except _DAMAGE as error:
        raise InputError(f"{path} is damaged: {error}", "Run edgekit calibrate again") from error
    if header["format"] != FORMAT:
        raise InputError(f"{path} has format {header['format']}", "Run edgekit calibrate again")
    return Ranges(histograms, int(header["samples"]), str(header["data_sha256"]))


def _read(archive: zipfile.ZipFile) -> tuple[dict[str, Any], dict[str, Histogram]]:
    def array(name: str) -> NDArray[Any]:
        stored = io.BytesIO(archive.read(f"{name}.npy"))
        return np.asarray(np.load(stored, allow_pickle=False))

    header = json.loads(array("header").tobytes())
    rows = zip(array("exponents"), array("bounds"), array("counts"), strict=True)
    return header, {
        name: Histogram(int(exponent), counts, float(low), float(high))
        for name, (exponent, (low, high), counts) in zip(header["names"], rows, strict=True)
    }
