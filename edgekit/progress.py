"""How long work reports on itself: the library calls a Reporter, the command line draws it."""

import threading
from collections.abc import Callable
from typing import Protocol

Progress = Callable[[int, int], None]  # hears what is done, and of how much


class Reporter(Protocol):
    """Hears what a step is doing."""

    def start(self, step: str) -> None:
        """A step begins."""

    def advance(self, done: int, total: int) -> None:
        """The current step has done so much."""

    def done(self, step: str, detail: str, reused: bool = False) -> None:
        """A step ended; `reused` when nothing had to be done."""


class Silent:
    """A Reporter that says nothing."""

    def start(self, step: str) -> None:
        """Say nothing."""

    def advance(self, done: int, total: int) -> None:
        """Say nothing."""

    def done(self, step: str, detail: str, reused: bool = False) -> None:
        """Say nothing."""


class Shares:
    """Several pieces of work at once as one: what each has done is added up."""

    def __init__(self, advance: Progress, count: int) -> None:
        """Take what hears about the sum.

        Args:
            advance: called with (done, total) of all pieces.
            count: how many there are, each of the same size.
        """
        self._advance, self._done, self._lock = advance, [0] * count, threading.Lock()

    def of(self, place: int) -> Progress:
        """Return what one piece calls with (done, total) of its own."""

        def advance(done: int, total: int) -> None:
            with self._lock:
                self._done[place] = done
                self._advance(sum(self._done), total * len(self._done))

        return advance
