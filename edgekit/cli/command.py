"""What every command has around it: quiet libraries, progress, one-line errors, exit codes."""

import json
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import typer

from edgekit.cli.quiet import quiet
from edgekit.cli.reporter import Bars, Lines
from edgekit.errors import EdgekitError
from edgekit.verdict import Verdict

if TYPE_CHECKING:
    from edgekit.results.project import ExportResult

# What a verdict makes the command end with.
EXIT_CODES = {
    Verdict.PASS: 0,
    Verdict.FAIL: 1,
    Verdict.UNAVAILABLE: 3,
    Verdict.INCONCLUSIVE: 4,
}
INTERRUPTED = 130


class Command:
    """Where a command says what it has to say.

    Attributes:
        reporter: hears about the steps.
        code: what the command ends with.
    """

    def __init__(self, out: IO[str], err: IO[str], as_json: bool) -> None:
        self.out, self.err, self.as_json = out, err, as_json
        self.reporter = Bars(err) if err.isatty() else Lines(err)
        self.code = 0

    def emit(self, value: Mapping[str, object]) -> None:
        """Write the command's JSON, where it was asked for."""
        if self.as_json:
            print(json.dumps(value, indent=2, allow_nan=False), file=self.out, flush=True)

    def say(self, text: object) -> None:
        """Write for people: text, or anything that rich can draw; nothing with `--json`."""
        if self.as_json:
            return
        from rich.console import Console

        width = None if self.out.isatty() else 160
        console = Console(file=self.out, width=width, highlight=False, markup=False)
        console.print(text, soft_wrap=isinstance(text, str))

    def complain(self, text: str) -> None:
        """Write one line on standard error."""
        self.reporter.close()
        print(f"edgekit: {' '.join(text.split())}", file=self.err, flush=True)


@contextmanager
def command(as_json: bool = False, log: Path | None = None) -> Iterator[Command]:
    """Run a command's work.

    Users' mistakes end in one line and their exit code; bugs keep their traceback.

    Args:
        as_json: `--json` was given.
        log: where the libraries' chatter goes.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    code = 0
    with quiet(log) as (out, err):
        current = Command(out, err, as_json)
        try:
            yield current
            code = current.code
        except EdgekitError as error:
            code = error.exit_code
            current.complain(f"error: {error}")
            current.emit({"error": str(error), "exit_code": code})
        except KeyboardInterrupt:
            code = INTERRUPTED
            current.complain("interrupted: finished steps are kept, the next run carries on")
        finally:
            current.reporter.close()
    if code:
        raise typer.Exit(code)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def worst_code(codes: Iterable[int]) -> int:
    """Return the exit code that speaks for several: the codes rise from a failure to a doubt."""
    return min((code for code in codes if code), default=0)


def refusal(row: "ExportResult") -> str:
    """Return the line about a target that was refused."""
    return f"error: {row.target} {row.precision}: {row.error}"


def complain(current: Command, row: "ExportResult") -> None:
    """Say what is wrong with one target of several."""
    if row.error is not None:
        current.complain(refusal(row))
    if row.search is not None and row.search.verdict is Verdict.FAIL:
        current.complain(f"{row.target} auto: {row.search.reason}")


def log_path(output: Path) -> Path:
    """Return where the chatter of a project's steps goes; its folder is made."""
    with suppress(OSError):  # the step that writes there says so
        output.mkdir(parents=True, exist_ok=True)
    return output / "edgekit.log"
