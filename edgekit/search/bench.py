"""Set up what trials share, and clear away what only they needed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from edgekit.dataset import Dataset
from edgekit.detectors.score import score
from edgekit.devices.device import Device
from edgekit.errors import InputError
from edgekit.exporters.golden import write_golden
from edgekit.exporters.student import Student
from edgekit.performance.settings import BenchSettings
from edgekit.search.measure import GOLDEN_SAMPLES, Bench
from edgekit.search.pace import counted, counting_core, timed
from edgekit.search.settings import SearchSettings
from edgekit.target import Target
from edgekit.verification.parity import Budget


@contextmanager
def open_bench(
    student: Student,
    target: Target,
    device: Device,
    heldout: Dataset,
    budget: Budget,
    settings: SearchSettings,
    timing: BenchSettings,
    folder: Path,
) -> Iterator[Bench]:
    """Preprocess the held-out samples once and score them with the float student.

    Args:
        student: what artifacts are made from.
        target: for which device family.
        device: where artifacts run.
        heldout: samples that decide; neither calibration nor test samples.
        budget: what an artifact may lose.
        settings: see `SearchSettings`.
        timing: see `BenchSettings`; `max_ratio` and `max_p50_ms` are the gate's, not the search's.
        folder: for arrays and artifacts; both are removed at the end.

    Raises:
        InputError: when the held-out samples are those that were calibrated on.
    """
    _refuse_overlap(student.data, heldout)
    chosen = thinned(heldout, settings.samples)
    scratch = folder / "work"
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed search left may be half written
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        inputs = _save_inputs(chosen, scratch)
        core = counting_core(target, device)
        reference = score(student.detector, chosen)
        write_golden(scratch / "artifacts", student.detector, student.data, GOLDEN_SAMPLES)
        yield Bench(
            student=student,
            target=target,
            device=device,
            heldout=chosen,
            inputs=inputs,
            reference=reference,
            budget=budget,
            pace=counted(core) if core else timed(device),
            core=core,
            settings=settings,
            timing=timing,
            folder=scratch / "artifacts",
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def thinned(data: Dataset, samples: int) -> Dataset:
    """Keep at most that many samples, evenly over the dataset's order; 0 keeps all."""
    if not samples or len(data) <= samples:
        return data
    places = np.linspace(0, len(data) - 1, samples).round().astype(int)
    return replace(data, samples=tuple(data.samples[place] for place in places))


def _refuse_overlap(calibration: Dataset, heldout: Dataset) -> None:
    first, second = (each.source or each.folder for each in (calibration, heldout))
    if first.resolve() == second.resolve():
        raise InputError(
            f"{heldout.folder} is both the calibration and the held-out set",
            "Name another `validation` folder in [data]",
        )


def _save_inputs(data: Dataset, folder: Path) -> dict[str, Path]:
    """Write one array per input, row by row, so that memory stays small."""
    paths = {}
    for index, spec in enumerate(data.signature.inputs):
        path = folder / f"{spec.name}.npy"
        shape = (len(data), *spec.shape[1:])
        rows = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
        for position, sample in enumerate(data.samples):
            rows[position] = data.read(sample)[index][0]
        rows.flush()
        paths[spec.name] = path
    return paths
