"""The samples that corrections look at, one tuple of input tensors each."""

from typing import Protocol

import torch

from edgekit.dataset import Dataset

Sample = tuple[torch.Tensor, ...]


class Samples(Protocol):
    """Anything with a length that gives one sample by its index, a list of tuples for one."""

    def __len__(self) -> int:
        """Count the samples."""
        ...

    def __getitem__(self, index: int, /) -> Sample:
        """Return one float32 tensor per input, batch dimension 1."""
        ...


class Images:
    """A Dataset's samples, each read when it is asked for, so that many take no memory."""

    def __init__(self, data: Dataset) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, index: int, /) -> Sample:
        arrays = self._data.read(self._data.samples[index])
        return tuple(torch.from_numpy(array) for array in arrays)


def spread(samples: Samples, count: int) -> list[Sample]:
    """Return `count` samples at equal distances, so that every class is among them; all if fewer.

    Args:
        samples: in the order of a Dataset, class by class.
        count: how many.
    """
    total = len(samples)
    chosen = min(count, total)
    return [samples[index * total // chosen] for index in range(chosen)]
