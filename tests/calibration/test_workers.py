import multiprocessing
import os

import numpy as np
import pytest
from torch import nn

from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.calibration.workers import _gather
from edgekit.dataset import Dataset, open_dataset
from edgekit.errors import InputError


def rows(folder, *samples):
    for index, sample in enumerate(samples):
        (folder / "ab"[index % 2]).mkdir(parents=True, exist_ok=True)
        np.save(folder / "ab"[index % 2] / f"{index}.npy", np.array(sample, dtype=np.float32))
    return folder


def test_workers_leave_no_trace_in_the_file(program, data, ranges, tmp_path):
    told = []
    shared = observe(program, data, lambda done, total: told.append((done, total)), workers=2)
    shared.save(tmp_path / "shared.npz")
    ranges.save(tmp_path / "alone.npz")
    assert (tmp_path / "shared.npz").read_bytes() == (tmp_path / "alone.npz").read_bytes()
    assert told == [(done, len(data)) for done in range(1, len(data) + 1)]


def started(target, arguments):
    """Start a process as workers are started, with a pipe to hear it by."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=target(there), args=arguments, daemon=True)
    process.start()
    there.close()
    return {here: process}


def test_a_worker_that_dies_is_told_with_its_exit_code():
    with pytest.raises(InputError, match=r"worker died with exit code 3\. Use fewer workers"):
        _gather(started(lambda pipe: os._exit, (3,)), None, 2)


def test_an_error_crosses_from_another_process():
    error = InputError("a is wrong", "Do b")
    with pytest.raises(InputError, match=r"a is wrong\. Do b"):
        _gather(started(lambda pipe: pipe.send, (error,)), None, 2)


@pytest.mark.slow
def test_a_workers_complaint_arrives(detector_of, tmp_path):
    detector = detector_of(nn.Linear(2, 2), (1, 2))
    data = open_dataset(rows(tmp_path, [1, 2], [3, np.nan]), detector.signature)
    with pytest.raises(InputError, match=r"1\.npy holds NaN"):
        observe(float_program(detector), data, workers=2)


def test_one_sample_needs_no_workers(detector_of, tmp_path):
    detector = detector_of(nn.Linear(2, 2), (1, 2))
    data = open_dataset(rows(tmp_path, [1, 2], [5, 6]), detector.signature)
    alone = Dataset(data.folder, data.signature, data.samples[:1])
    assert observe(float_program(detector), alone, workers=8).samples == 1
