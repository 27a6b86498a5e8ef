"""A step as it is declared: what it reads, what it is told, whose code it runs, what it leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Input:
    """Something that a step reads.

    Attributes:
        value: what stands for its content, such as a hash; asked for when `of` has been done.
        of: the step that makes it; None for what the user gave.
    """

    value: Callable[[], Any]
    of: "Step | None" = None


@dataclass(frozen=True)
class Step:
    """A piece of a project's work, and everything that its result depends on.

    What it depends on is its key. The code in it are the entry points with all that they reach
    (see `closure.py`), the file that declares the step, and the versions of the packages that
    these import.

    Attributes:
        name: for the record and the reporter, such as `verify x86-int8`.
        output: the file or folder that it leaves.
        entries: modules of edgekit whose functions `make` calls.
        make: does the work; returns one line about it.
        inputs: what it reads, by name; the steps that make it come first.
        settings: what it is told, as JSON values by name.
        runner: of the artifact that it runs on this machine: then processor, instruction sets and
            runtime are part of the key. None where nothing depends on them.
        checks: refuse inputs that cannot be right, before any work.
        unsettled: says why what is there must be made again all the same; None where it need not.
        part: it happens inside another step, whose bar stays.
        calls: functions of this room that `make` calls and that lie in another file of it.
    """

    name: str
    output: Path
    entries: tuple[str, ...]
    make: Callable[[], str]
    inputs: Mapping[str, Input] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    runner: str | None = None
    checks: tuple[Callable[[], None], ...] = ()
    unsettled: Callable[[], str | None] = lambda: None
    part: bool = False
    calls: tuple[Callable[..., Any], ...] = ()

    @property
    def before(self) -> tuple["Step", ...]:
        """The steps that make what this one reads, each once."""
        found = (given.of for given in self.inputs.values())
        return tuple({step.name: step for step in found if step is not None}.values())

    @property
    def own(self) -> tuple[str, ...]:
        """The modules of this room that do the step; what they import for others is not its own."""
        return (self.make.__module__, *(function.__module__ for function in self.calls))
