"""Share the calibration samples among processes.

Processes are started afresh, not forked: a fork of a process that has computed with torch may hang.
"""

import io
import multiprocessing
import traceback
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

import torch
from torch.export import ExportedProgram

from edgekit.calibration.observe import observe_share
from edgekit.calibration.tally import Tally
from edgekit.calibration.watch import Watched
from edgekit.dataset import Dataset
from edgekit.errors import InputError
from edgekit.progress import Progress


def observe_in_processes(
    program: ExportedProgram, data: Dataset, progress: Progress | None, workers: int
) -> Tally:
    """Observe all samples with several processes and merge what they saw.

    Raises:
        InputError: what a worker raised, or that one of them died.
    """
    context = multiprocessing.get_context("spawn")
    saved = _saved(program)
    processes: dict[Connection, SpawnProcess] = {}
    try:
        for index in range(workers):
            here, there = context.Pipe(duplex=False)
            share = (saved, data, index, workers, there)
            process = context.Process(target=_work, args=share, daemon=True)
            process.start()
            there.close()  # so that a dead worker's pipe ends
            processes[here] = process
        return _gather(processes, progress, len(data))
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.join()


def _saved(program: ExportedProgram) -> bytes:
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    return buffer.getvalue()


def _work(saved: bytes, data: Dataset, index: int, workers: int, pipe: Connection) -> None:
    """Observe every `workers`-th sample; send counts of samples, then a Tally or an error."""
    try:
        torch.set_num_threads(1)
        # What the starting process saved a moment ago and handed over in memory.
        watched = Watched(torch.export.load(io.BytesIO(saved)))
        pipe.send(observe_share(watched, data, data.samples[index::workers], pipe.send))
    except Exception as error:
        error.add_note(traceback.format_exc())
        pipe.send(error)


def _gather(
    processes: dict[Connection, SpawnProcess], progress: Progress | None, total: int
) -> Tally:
    done = dict.fromkeys(processes, 0)
    tallies: list[Tally] = []
    while len(tallies) < len(processes):
        for pipe in wait([pipe for pipe in done if not pipe.closed]):
            assert isinstance(pipe, Connection)
            message = _receive(pipe, processes[pipe])
            if isinstance(message, Tally):
                tallies.append(message)
                pipe.close()
                continue
            done[pipe] = message
            if progress:
                progress(sum(done.values()), total)
    for other in tallies[1:]:
        tallies[0].merge(other)
    return tallies[0]


def _receive(pipe: Connection, process: SpawnProcess) -> Tally | int:
    try:
        message: Tally | int | Exception = pipe.recv()
    except EOFError:
        process.join()
        raise InputError(
            f"a calibration worker died with exit code {process.exitcode}",
            "Use fewer workers: each needs memory of its own",
        ) from None
    if isinstance(message, Exception):
        raise message
    return message
