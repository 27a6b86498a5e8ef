"""What calibration saw: one histogram per tensor of the float Program, and of which images."""

from dataclasses import dataclass, field
from pathlib import Path

from edgekit.calibration.channels import Channels
from edgekit.calibration.histogram import Histogram
from edgekit.calibration.ranges_file import read_file, write_file

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Ranges:
    """Histograms by tensor name, with where they come from.

    Attributes:
        histograms: by the name of the tensor's node in the float Program. Extremes are of all
            values; counts are of a fixed subset of the positions (`calibration/observe.py`).
        samples: how many samples were seen.
        data_sha256: content hash of those samples.
        channels: by tensor name, for what a convolution or linear operator reads or gives.
        early: smallest and largest value without the last quarter of the samples, by tensor name,
            for tensors that do not merely repeat another's values; see `calibration/coverage.py`.
    """

    histograms: dict[str, Histogram]
    samples: int
    data_sha256: str
    channels: dict[str, Channels] = field(default_factory=dict)
    early: dict[str, Bounds] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write one `.npz` file, whole or not at all; nothing in it is pickled.

        The same Ranges always give the same bytes.
        """
        header = {"samples": self.samples, "data_sha256": self.data_sha256}
        write_file(path, header, self.histograms, self.channels, self.early)


def load_ranges(path: Path) -> Ranges:
    """Read what `Ranges.save` wrote.

    Raises:
        InputError: when the file is missing, damaged or of another format.
    """
    header, histograms, channels, early = read_file(path)
    return Ranges(histograms, int(header["samples"]), str(header["data_sha256"]), channels, early)
