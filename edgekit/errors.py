"""The exceptions that edgekit raises on purpose.

Each carries one line: what was asked, what is wrong with it, what to do. The command line turns it
into that line and an exit code; anything else that escapes is a bug and keeps its traceback.

    EdgekitError
    ├── InputError          a file, setting or argument of the user's is wrong     exit code 2
    ├── OutputError         the place to write to is full, read-only or taken      exit code 2
    └── UnavailableError    a runtime, extra or device is not here                 exit code 3
"""

import re

_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
LONGEST = 160


class EdgekitError(Exception):
    """Base of every error that a user can act on."""

    exit_code = 2

    def __init__(self, what: str, fix: str) -> None:
        """Join the two halves of the message.

        Args:
            what: what was asked and what is wrong with it, naming the file, setting or layer.
            fix: what to do next.
        """
        self.what = what.rstrip(". ")
        self.fix = fix.rstrip(". ")
        super().__init__(f"{self.what}. {self.fix}.")

    def __reduce__(self) -> tuple[type["EdgekitError"], tuple[str, str]]:
        """Let the error cross a process boundary with both its halves."""
        return type(self), (self.what, self.fix)


class InputError(EdgekitError):
    """Something the user gave is wrong: a file, a setting, an argument."""


class OutputError(EdgekitError):
    """The place to write to cannot take the result."""


class UnavailableError(EdgekitError):
    """A runtime, an extra, a system tool or a device is not available here."""

    exit_code = 3

    @property
    def reason(self) -> str:
        """What is missing, without what was asked: the part behind the last colon."""
        return self.what.rpartition(": ")[2]


def one_line(message: str, longest: int = LONGEST) -> str:
    """Return what a library said in one short line: no colours, no dump, no listing of a graph."""
    lines = (line.strip() for line in _COLOURS.sub("", message).splitlines())
    first = next((line for line in lines if line), "no reason given").rstrip(". ")
    return first if len(first) <= longest else f"{first[: longest - 3].rstrip()}..."
