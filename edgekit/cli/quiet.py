"""Keep converters' chatter away from the terminal and from `--json`.

torch, coremltools and LiteRT print from Python and from C++ alike, so both Python's streams and the
file descriptors themselves are pointed at a log while the library works.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import IO


@contextmanager
def quiet(log: Path | None) -> Iterator[tuple[IO[str], IO[str]]]:
    """Send standard output and standard error into a log; give the real ones back as streams.

    Args:
        log: the file to write; None, or a place that cannot be written, drops the chatter.

    Yields:
        the real standard output and standard error.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with ExitStack() as stack:
        out, err = (stack.enter_context(_duplicate(number)) for number in (1, 2))
        sink = stack.enter_context(_open(log))
        for number in (1, 2):
            stack.callback(_restore, number, os.dup(number))
            os.dup2(sink.fileno(), number)
        stack.enter_context(redirect_stdout(sink))
        stack.enter_context(redirect_stderr(sink))
        yield out, err


def _duplicate(number: int) -> IO[str]:
    # File names may hold bytes that are no Unicode.
    return os.fdopen(os.dup(number), "w", encoding="utf-8", errors="backslashreplace")


def _restore(number: int, saved: int) -> None:
    os.dup2(saved, number)
    os.close(saved)


def _open(log: Path | None) -> IO[str]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    try:
        number = os.open(log or os.devnull, flags if log else os.O_WRONLY, 0o644)
    except OSError:  # what cannot be written will be said by the step that needs to write there
        number = os.open(os.devnull, os.O_WRONLY)
    return os.fdopen(number, "w", encoding="utf-8")
