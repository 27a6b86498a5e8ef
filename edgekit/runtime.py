"""A Runtime: how artifacts of one kind are built, executed, traced and profiled, as data.

What is heavy stays in modules that are named here and imported by the room that uses them, so that
every room can read a Runtime. A name without a dot is a module of that room; one of a Runtime
outside of this tree is whole. Those Runtimes that there are: `edgekit/runtimes/`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """A package that pip installs.

    Attributes:
        name: what pip calls it.
        module: what must import.
        purpose: what edgekit does with it, for `edgekit doctor`.
        numpy_2: the first version that was built for numpy 2, where older ones say so neither to
            pip nor when they are imported; empty where they do.
    """

    name: str
    module: str
    purpose: str
    numpy_2: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plain:
    """The fast kernels of a runtime, and how to run the same file without them.

    Attributes:
        fast: whose they are, such as `XNNPACK's`.
        without: how the runner's `plain` runs instead, such as `with its built-in kernels`.
    """

    fast: str
    without: str


@dataclass(frozen=True)
class Runtime:
    """What edgekit knows of a runtime.

    Attributes:
        name: what a Target's `runtime` says.
        title: for people.
        builder: the module in `export/` that builds, with `build` as `registry.py` describes it.
        folded: whether the builder wants quantized weights as integers.
        builds_with: what must be installed to build.
        may_use: what the builder uses where it is installed.
        schemes: what it executes in int8, names in `calibration/scheme.py`; the usual one first.
        runner: what a manifest's `runner` says: the session that executes the artifact.
        session: the session's class as `module:Class`, from a module that needs nothing beside it
            but numpy and the runtime; None where it is in `edgekit/devices/runner/sessions/`.
        runs_with: what executes it, the usual package first; the next stands in where no wheel of
            the first is made for a board. Empty where no package does it.
        interpreted: the session only interprets the artifact and is not the target's own runtime.
        only_on: the one system that executes it, as `uname` names it; empty for every one.
        tracer: the module in `edgekit/verification/layers/` with `trace` and `operators` that
            `edgekit diff` uses; None for none.
        profiler: the module in `edgekit/search/profilers/` with `named` that the search uses; None
            for none.
        plain: its fast kernels; None where it has but one kind.
    """

    name: str
    title: str
    builder: str
    folded: bool
    builds_with: tuple[Package, ...]
    schemes: tuple[str, ...]
    runner: str
    may_use: tuple[Package, ...] = ()
    session: str | None = None
    runs_with: tuple[Package, ...] = ()
    interpreted: bool = False
    only_on: str = ""
    tracer: str | None = None
    profiler: str | None = None
    plain: Plain | None = None

    @property
    def packages(self) -> tuple[Package, ...]:
        """Everything that it may use, each once."""
        return tuple(dict.fromkeys((*self.builds_with, *self.runs_with, *self.may_use)))
