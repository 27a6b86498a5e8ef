"""Labelled samples: a folder per class, optionally a folder per slice inside it.

    train/
      real/            0001.jpg ...
      fake/
        stylegan/      0001.jpg ...      slice "stylegan"

A Detector with several inputs reads `0001.<input name>.<suffix>` for each of them. Folders inside a
slice belong to it. What lies there and is no sample is counted: `Dataset.left_out`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.class_folders import files_by_class, no_samples
from edgekit.disturbances import Disturbance, disturbance_named
from edgekit.errors import InputError
from edgekit.hashes import sha256_file
from edgekit.inputs import read_input
from edgekit.listing import LeftOut, count_left_out, list_folder
from edgekit.signature import Signature
from edgekit.walk import composed


@dataclass(frozen=True)
class Sample:
    """One labelled sample.

    Attributes:
        name: path relative to the dataset's folder, without what tells its inputs apart.
        label: index into the Signature's classes.
        slice: name of the folder inside the class folder, or "".
        paths: one file per input, in the Signature's order.
    """

    name: str
    label: int
    slice: str
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Dataset:
    """Samples in a fixed order, for one Signature.

    Attributes:
        folder: where they lie.
        signature: what they are inputs of.
        samples: all of them.
        left_out: what lies in the folder and is no sample.
        disturb: what happens to every picture before preprocessing; see `disturbances.py`.
    """

    folder: Path
    signature: Signature
    samples: tuple[Sample, ...]
    left_out: tuple[LeftOut, ...] = field(default=(), kw_only=True)
    disturb: Disturbance | None = field(default=None, kw_only=True)

    def __len__(self) -> int:
        return len(self.samples)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Class indices, int64 [N]."""
        return np.array([sample.label for sample in self.samples], dtype=np.int64)

    @property
    def positives(self) -> NDArray[np.bool_]:
        """True where the sample is of the positive class, [N]."""
        return self.labels == self.signature.classes.index(self.signature.positive)

    @cached_property
    def sha256(self) -> str:
        """Hash of labels and file contents; no path but those below the folder is part of it."""
        digest = hashlib.sha256()
        for sample in self.samples:
            content = ",".join(sha256_file(path) for path in sample.paths)
            line = f"{sample.name}\0{sample.label}\0{sample.slice}\0{content}\n"
            digest.update(line.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def disturbed(self, name: str) -> "Dataset":
        """Return the same samples with one of `DISTURBANCES` done to every picture.

        Raises:
            InputError: when there is none of that name.
        """
        return replace(self, disturb=disturbance_named(name))

    def read(self, sample: Sample) -> tuple[NDArray[np.float32], ...]:
        """Read and preprocess one sample: one array per input, batch dimension 1."""
        pairs = zip(sample.paths, self.signature.inputs, strict=True)
        return tuple(read_input(path, spec, self.disturb) for path, spec in pairs)

    def batches(
        self, size: int, order: Sequence[int] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], tuple[NDArray[np.float32], ...]]]:
        """Stream batches, so that memory does not grow with the number of samples.

        Args:
            size: samples in a batch; the last one may be smaller.
            order: indices to read, in this order; all of them when left out.

        Yields:
            the indices [n] and one array [n, ...] per input.
        """
        indices = np.arange(len(self)) if order is None else np.asarray(order, dtype=np.int64)
        for start in range(0, len(indices), size):
            chosen = indices[start : start + size]
            rows = [self.read(self.samples[index]) for index in chosen]
            yield chosen, tuple(np.concatenate(column) for column in zip(*rows, strict=True))


def open_dataset(folder: Path, signature: Signature) -> Dataset:
    """List a dataset's folder; files are read later, one batch at a time.

    A folder is a class's when their names are the same in Unicode's composed form (NFC): macOS
    writes names decomposed.

    Raises:
        InputError: when the folder is missing or cannot be read, a class has no folder or no
            sample, or a sample lacks one of its inputs.
    """
    if not folder.is_dir():
        raise InputError(f"dataset folder {folder} does not exist", "Check [data] in edgekit.toml")
    listing = list_folder(folder, {composed(name) for name in signature.classes})
    files, others = files_by_class(listing, signature)
    samples: list[Sample] = []
    for label, name in enumerate(signature.classes):
        if not files[name]:
            raise no_samples(listing, name)
        samples += _class_samples(folder, label, name, signature, files[name])
    used = {path for sample in samples for path in sample.paths}
    unused = [path for each in files.values() for path in each if path not in used]
    others += [("of no input that the detector has", path) for path in unused]
    return Dataset(folder, signature, tuple(samples), left_out=count_left_out(folder, others))


def _class_samples(
    folder: Path, label: int, name: str, signature: Signature, files: Sequence[Path]
) -> Iterator[Sample]:
    groups: dict[tuple[str, str], dict[str, Path]] = {}
    for path in files:
        _, *parts = path.relative_to(folder).parts
        key, which = _split_name(path, len(signature.inputs))
        slice_name = parts[0] if len(parts) > 1 else ""
        found = groups.setdefault(("/".join((name, *parts[:-1], key)), slice_name), {})
        if which in found:
            raise InputError(f"{path} and {found[which].name} are the same input", "Remove one")
        found[which] = path
    for (sample, slice_name), each in groups.items():
        yield Sample(sample, label, slice_name, _paths(sample, each, signature))


def _split_name(path: Path, inputs: int) -> tuple[str, str]:
    """Return the sample's name and, with several inputs, the input the file belongs to."""
    if inputs == 1:
        return path.name, ""
    stem, _, which = path.stem.rpartition(".")
    return (stem, which) if stem else (path.stem, "")


def _paths(sample: str, files: dict[str, Path], signature: Signature) -> tuple[Path, ...]:
    if len(signature.inputs) == 1:
        return (files[""],)
    wanted = [spec.name for spec in signature.inputs]
    missing = [name for name in wanted if name not in files]
    if missing:
        raise InputError(
            f"sample {sample} lacks input {missing[0]!r}",
            f"Name its files {Path(sample).name}.<{'|'.join(wanted)}>.<suffix>",
        )
    return tuple(files[name] for name in wanted)
