"""Progress on standard error: a bar on a terminal, plain lines in a log."""

import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Lines:
    """Writes one line when a step ends."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.began: dict[str, float] = {}
        self.latest = time.monotonic()

    def start(self, step: str) -> None:
        """Take the time."""
        self.latest = self.began[step] = time.monotonic()

    def advance(self, done: int, total: int) -> None:
        """Say nothing: a log wants lines, not bars."""

    def done(self, step: str, detail: str, reused: bool = False) -> None:
        """Write how long it took, or that nothing had to be done."""
        print(self.line(step, detail, reused), file=self.stream, flush=True)

    def line(self, step: str, detail: str, reused: bool) -> str:
        """Return the line of a step that ends now."""
        began = self.began.pop(step, self.latest)  # a part of a step began with the latest one
        took = "reused" if reused else f"{time.monotonic() - began:.1f} s"
        return f"{step:<24} {took:>8}  {detail}"

    def close(self) -> None:
        """Nothing to put away."""


class Bars(Lines):
    """Draws a bar while a step works, and leaves its line when it ends."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(stream)
        self.bar: Progress | None = None
        self.step = ""
        self.task: TaskID | None = None

    def start(self, step: str) -> None:
        """Show a bar without an end, until the step says how much there is to do."""
        from rich.console import Console
        from rich.progress import Progress

        super().start(step)
        self.close()
        self.step = step
        self.bar = Progress(console=Console(file=self.stream), transient=True)
        self.bar.start()
        self.task = self.bar.add_task(step, total=None)

    def advance(self, done: int, total: int) -> None:
        """Move the bar."""
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=done, total=total)

    def done(self, step: str, detail: str, reused: bool = False) -> None:
        """Replace the bar by the step's line; a part of the step gets its line above the bar."""
        if self.bar is not None and self.step != step and step not in self.began:
            self.bar.console.print(self.line(step, detail, reused), highlight=False, markup=False)
            return
        self.close()
        super().done(step, detail, reused)

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()
        self.bar = self.task = None
