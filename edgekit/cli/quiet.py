"""Keep converters' chatter away from the terminal and from `--json`.

torch, coremltools and LiteRT print from Python and from C++ alike, so the file descriptors
themselves are pointed at a log while the library works.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def quiet(log: Path | None) -> Iterator[tuple[IO[str], IO[str]]]:
    """Send descriptors 1 and 2 into a log; give the real ones back as streams.

    Args:
        log: the file to write; None, or a place that cannot be written, drops the chatter.

    Yields:
        the real standard output and standard error.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    real = [os.dup(1), os.dup(2)]
    sink = _open(log)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    os.close(sink)
    streams = [os.fdopen(os.dup(number), "w", encoding="utf-8") for number in real]
    try:
        yield streams[0], streams[1]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in streams:
            stream.close()
        for number, saved in zip((1, 2), real, strict=True):
            os.dup2(saved, number)
            os.close(saved)


def _open(log: Path | None) -> int:
    try:
        if log is not None:
            return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    except OSError:
        pass  # what cannot be written will be said by the step that needs to write there
    return os.open(os.devnull, os.O_WRONLY)
