"""What every command has around it: quiet libraries, progress, one-line errors, exit codes."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import typer

from edgekit.cli.quiet import quiet
from edgekit.cli.reporter import Bars, Lines
from edgekit.errors import EdgekitError

# What a verdict makes the command end with.
EXIT_CODES = {"pass": 0, "fail": 1, "unavailable": 3, "inconclusive": 4}
INTERRUPTED = 130


class Session:
    """Where a command says what it has to say.

    Attributes:
        reporter: hears about the steps.
        code: what the command ends with.
    """

    def __init__(self, out: IO[str], err: IO[str], as_json: bool) -> None:
        self.out, self.err, self.as_json = out, err, as_json
        self.reporter = Bars(err) if err.isatty() else Lines(err)
        self.code = 0

    def emit(self, value: dict[str, Any]) -> None:
        """Write the command's JSON, where it was asked for."""
        if self.as_json:
            print(json.dumps(value, indent=2, allow_nan=False), file=self.out, flush=True)

    def say(self, text: Any) -> None:
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
def session(as_json: bool = False, log: Path | None = None) -> Iterator[Session]:
    """Run a command's work.

    Users' mistakes end in one line and their exit code; bugs keep their traceback.

    Args:
        as_json: `--json` was given.
        log: where the libraries' chatter goes.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    code = 0
    with quiet(log) as (out, err):
        current = Session(out, err, as_json)
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


def worst(codes: list[int]) -> int:
    """Return the exit code that speaks for several verdicts: a failure before all else."""
    return next((code for code in (1, 2, 3, 4) if code in codes), 0)


def refusal(row: dict[str, Any]) -> str:
    """Return the line about a target that was refused, by its row."""
    return f"error: {row['target']} {row['precision']}: {row['error']}"


def log_path(output: Path) -> Path:
    """Return where the chatter of a project's steps goes; its folder is made."""
    with suppress(OSError):  # the step that writes there says so
        output.mkdir(parents=True, exist_ok=True)
    return output / "edgekit.log"
