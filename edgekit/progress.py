"""How long work reports on itself: the library calls a Reporter, the command line draws it."""

from typing import Protocol


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
