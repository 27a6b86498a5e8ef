"""Run the float Program over the calibration samples once; what stays is of fixed size.

Of every tensor:

- The smallest and largest value are exact: of all values on all samples. Ranges hang on them, and a
  single outlier decides them.
- The counts are of a fixed subset of positions, at most 2,048 per sample, the same on every sample
  (`calibration/probes.py`). Percentiles, squared errors and divergences average over the counts;
  over hundreds of samples the subset's averages stand for those of all values, while counting them
  all would take longer than computing them.
- Statistics per channel (`calibration/channels.py`) are of all values.

Every process computes on one thread: kernels split sums differently over more. So any order of the
samples, and any number of workers, gives bit-identical Ranges on the same machine.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export import ExportedProgram

from edgekit.calibration.collect import collect
from edgekit.calibration.coverage import last_quarter
from edgekit.calibration.probes import Probe
from edgekit.calibration.ranges import Ranges
from edgekit.calibration.tally import Counter, Tally
from edgekit.calibration.watch import Watched
from edgekit.dataset import Dataset, Sample
from edgekit.errors import InputError
from edgekit.progress import Progress


def observe(
    program: ExportedProgram,
    data: Dataset,
    progress: Progress | None = None,
    workers: int = 1,
) -> Ranges:
    """Calibrate once, for every scheme and every method.

    Args:
        program: the float Program, batch 1.
        data: the calibration samples; each is seen once, in any order, with the same result.
        progress: called with (samples done, samples in all).
        workers: processes that share the samples. Each starts in seconds and holds the Program.

    Returns:
        Ranges; the order of the samples and the number of workers leave no trace in them.

    Raises:
        InputError: when an activation is NaN or infinite, or an input never changes.
    """
    watched = Watched(program)
    if min(workers, len(data)) > 1:
        from edgekit.calibration.workers import observe_in_processes

        tally = observe_in_processes(program, data, progress, min(workers, len(data)))
    else:
        told = progress or _silent
        tally = observe_share(watched, data, data.samples, lambda done: told(done, len(data)))
    _refuse_constant(watched.scratch.probes, tally, program, data)
    return collect(watched.probes, watched.scratch.probes, tally, _listed(data).sha256)


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def observe_share(
    watched: Watched,
    data: Dataset,
    share: tuple[Sample, ...],
    progress: Callable[[int], None],
) -> Tally:
    """Observe some of the samples in this process.

    Args:
        watched: the Program with probes.
        data: all samples; they decide which are the last quarter.
        share: those to observe here.
        progress: called with the number of samples done.

    Raises:
        InputError: when an activation is NaN or infinite.
    """
    late = last_quarter(sample.name for sample in data.samples)
    counter = Counter(watched.scratch)
    with torch.inference_mode(), _one_thread():
        for done, sample in enumerate(share, start=1):
            watched.see(data.read(sample))
            low, high = counter.take(early=sample.name not in late)
            _refuse_bad(watched.scratch.probes, low, high, sample.name)
            progress(done)
    return counter.tally()


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _listed(data: Dataset) -> Dataset:
    """Put samples into the order that `open_dataset` lists them in."""
    ordered = sorted(data.samples, key=lambda sample: (sample.label, min(sample.paths)))
    return replace(data, samples=tuple(ordered))


def _refuse_bad(
    probes: list[Probe], low: NDArray[np.float32], high: NDArray[np.float32], sample: str
) -> None:
    bad = np.flatnonzero(~(np.isfinite(low) & np.isfinite(high)))
    if bad.size:
        probe = probes[bad[0]]
        layer = f" (layer {probe.layer})" if probe.layer else ""
        raise InputError(
            f"activation {probe.name!r}{layer} is NaN or infinite on calibration sample {sample}",
            "Remove that sample, or retrain the detector if every sample does this",
        )


def _refuse_constant(
    probes: list[Probe], tally: Tally, program: ExportedProgram, data: Dataset
) -> None:
    """Refuse inputs that show nothing: images of one colour each, arrays of one value in all."""
    places = {probe.name: place for place, probe in enumerate(probes)}
    starts = np.cumsum([0, *(probe.segments for probe in probes)])
    for name in map(str, program.graph_signature.user_inputs):
        if name not in places:
            continue
        place = places[name]
        here = slice(starts[place], starts[place + 1])
        is_image = len(probes[place].shape) == 4
        if tally.lows[here].min() < tally.highs[here].max() and (
            tally.varies[place] or not is_image
        ):
            continue
        raise InputError(
            f"input {name!r} shows nothing in all {len(data)} calibration samples of "
            f"{data.folder}: each is one constant value or colour, so there is no range",
            "Calibrate with real samples",
        )
