"""Labelled samples: a folder per class, optionally a folder per slice inside it.

    train/
      real/            0001.jpg ...
      fake/
        stylegan/      0001.jpg ...      slice "stylegan"

A Detector with several inputs reads `0001.<input name>.<suffix>` for each of them. Folders inside a
slice belong to it. What lies there and is no sample is counted: `Dataset.left_out`. A CSV sheet
says the same of files that lie anywhere; see `sheet.py`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.class_folders import placed_by_folder
from edgekit.disturbances import Disturbance, disturbance_named
from edgekit.errors import InputError
from edgekit.groups import numbered, rule_of
from edgekit.hashes import sha256_file
from edgekit.inputs import read_input
from edgekit.listing import LeftOut, count_left_out
from edgekit.placed import Placed
from edgekit.sheet import classified, grouped, is_sheet
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
        group: samples of one group depend on one another; None for one that stands by itself.
    """

    name: str
    label: int
    slice: str
    paths: tuple[Path, ...]
    group: str | None = None


@dataclass(frozen=True)
class Dataset:
    """Samples in a fixed order, for one Signature.

    Attributes:
        folder: where they lie, or where the sheet lies that lists them.
        signature: what they are inputs of.
        samples: all of them.
        left_out: what lies in the folder and is no sample.
        disturb: what happens to every picture before preprocessing; see `disturbances.py`.
        source: the folder or sheet that it was opened from; None where that is `folder`.
        rule: how groups were told; see `groups.py`.
    """

    folder: Path
    signature: Signature
    samples: tuple[Sample, ...]
    left_out: tuple[LeftOut, ...] = field(default=(), kw_only=True)
    disturb: Disturbance | None = field(default=None, kw_only=True)
    source: Path | None = field(default=None, kw_only=True)
    rule: str | None = field(default=None, kw_only=True)

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
    def groups(self) -> NDArray[np.intp] | None:
        """Number of each sample's group, [N]; None where no sample has one."""
        return numbered([sample.group for sample in self.samples])

    def opened_for(self, signature: Signature) -> "Dataset":
        """Return the same samples as another Signature reads them, disturbed alike."""
        opened = open_dataset(self.source or self.folder, signature, self.rule)
        return replace(opened, disturb=self.disturb)

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


def open_dataset(source: Path, signature: Signature, groups: str | None = None) -> Dataset:
    """List a dataset; files are read later, one batch at a time.

    A folder is a class's when their names are the same in Unicode's composed form (NFC): macOS
    writes names decomposed.

    Args:
        source: its folder, or a CSV sheet; see `sheet.py`.
        signature: what the samples are inputs of.
        groups: how a sample's group is told, `folder` or a regular expression; see `groups.py`. A
            sheet with a column `group` tells it itself.

    Raises:
        InputError: when the folder or sheet is missing or cannot be read, a class has no folder or
            no sample, a sample lacks one of its inputs, or no file has a group.
    """
    if is_sheet(source):
        return _of_sheet(source, signature, groups)
    if not source.is_dir():
        raise InputError(f"dataset folder {source} does not exist", "Check [data] in edgekit.toml")
    placed, others = placed_by_folder(source, signature, rule_of(groups))
    samples = tuple(_samples(placed, signature))
    used = {path for sample in samples for path in sample.paths}
    others += [_unused(each.path) for each in placed if each.path not in used]
    left_out = count_left_out(source, others)
    return Dataset(source, signature, samples, left_out=left_out, rule=groups)


def _of_sheet(source: Path, signature: Signature, groups: str | None) -> Dataset:
    placed = grouped(classified(source, signature), rule_of(groups), source)
    samples = tuple(_samples(placed, signature))
    return Dataset(source.parent, signature, samples, source=source, rule=groups)


def _unused(path: Path) -> tuple[str, Path]:
    return "of no input that the detector has", path


def _samples(placed: Sequence[Placed], signature: Signature) -> Iterator[Sample]:
    """Bring the files of each sample together, class by class."""
    labels = {composed(name): label for label, name in enumerate(signature.classes)}
    found: dict[tuple[int, str, str], dict[str, Placed]] = {}
    for each in placed:
        key, which = _split_name(each.path, len(signature.inputs))
        name = "/".join((*each.name.split("/")[:-1], key))
        files = found.setdefault((labels[composed(each.label)], name, each.slice), {})
        if which in files:
            twin = files[which].path.name
            raise InputError(f"{each.path} and {twin} are the same input", "Remove one")
        files[which] = each
    for (label, name, slice_name), files in sorted(found.items(), key=lambda item: item[0][0]):
        paths = _paths(name, {which: each.path for which, each in files.items()}, signature)
        group = next(iter(files.values())).group
        yield Sample(name, label, slice_name, paths, group)


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
