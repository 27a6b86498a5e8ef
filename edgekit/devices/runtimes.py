"""Runtimes as packages: which ones execute a bundle, and which numpy goes with them."""

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from edgekit.errors import InputError, UnavailableError
from edgekit.runtimes import runtime_of, runtimes

_EXECUTE = {
    each.runner: {package.name: package for package in each.runs_with}
    for each in runtimes().values()
    if each.runs_with
}
_KNOWN = {name: package for group in _EXECUTE.values() for name, package in group.items()}
# By the manifest's `runner`, the usual package first.
PACKAGES = {runner: tuple(group) for runner, group in _EXECUTE.items()}
MODULES = {name: package.module for name, package in _KNOWN.items()}
_FORM = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([0-9][0-9A-Za-z.]*)")


@dataclass(frozen=True)
class Requirement:
    """A runtime's package, and its version where one is asked for."""

    package: str
    version: str | None

    def __str__(self) -> str:
        return f"{self.package}=={self.version}" if self.version else self.package

    @property
    def numpy(self) -> str:
        """What pip shall install beside it: the numpy that edgekit uses, or an older one."""
        below = _KNOWN[self.package].numpy_2
        numbers = tuple(int(part) for part in re.findall(r"\d+", self.version or ""))
        if below and numbers < below:
            return "numpy<2"
        return "numpy"


def parsed(text: str) -> Requirement:
    """Read `package==version`.

    Raises:
        InputError: when it is not of that form, or no runtime of edgekit's.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise InputError(f"{text!r} does not name a runtime", "Write it as tflite-runtime==2.14.0")
    package = found[1].lower().replace("_", "-")
    if package not in MODULES:
        raise InputError(
            f"{text!r}: edgekit runs nothing with {package}", f"Use one of {', '.join(MODULES)}"
        )
    return Requirement(package, found[2])


def refuse_unfit(requirement: Requirement, runner: str) -> None:
    """Refuse a runtime that does not execute such artifacts.

    Args:
        requirement: what is asked for.
        runner: of the bundle's manifest.

    Raises:
        InputError: when it executes others.
    """
    if requirement.package not in PACKAGES.get(runner, ()):
        fit = ", ".join(PACKAGES.get(runner, ())) or "no runtime of this machine"
        raise InputError(f"{requirement} does not execute this bundle", f"It takes {fit}")


def refuse_interpreter(runner: str, device: str) -> None:
    """Refuse what runs nowhere but here.

    That is edgekit's own interpreter, which gives the same everywhere, and sessions from outside
    of this tree, which are sent nowhere.

    Raises:
        UnavailableError: when that is what the bundle runs with.
    """
    runtime = runtime_of(runner)
    if runtime is not None and runtime.session:
        what = f"device {device!r}: the session of {runtime.title} is on this machine only"
        raise UnavailableError(what, "Leave --device out")
    if runtime is not None and runtime.interpreted:
        raise UnavailableError(
            f"device {device!r}: nothing there stands for {runtime.title} yet, and edgekit's "
            "interpreter of the graph gives the same on every processor",
            "Leave --device out",
        )


def refuse_system(runner: str, where: str, system: str) -> None:
    """Refuse an artifact that no package executes, unless the system itself does.

    Args:
        runner: of the bundle's manifest.
        where: the Device, for the message.
        system: what runs there, as `uname` names it.

    Raises:
        UnavailableError: when nothing can execute it there.
    """
    runtime = runtime_of(runner)
    if runtime is None or not runtime.only_on:
        raise UnavailableError(f"{where}: nothing there executes {runner} artifacts", "Run it here")
    if system != runtime.only_on:
        names = {"Darwin": ("macOS", "a Mac")}
        known, example = names.get(runtime.only_on, (runtime.only_on, f"a {runtime.only_on}"))
        raise UnavailableError(
            f"{where}: {runtime.title} executes on {known} only, this is {system}",
            f"Name {example} with --device",
        )


def choices(runner: str, asked: Requirement | None) -> list[tuple[str, ...]]:
    """Return what to ask pip for, in order of preference: the first set that exists is used.

    The versions that are installed here come first, so that only the processor differs.

    Args:
        runner: of the bundle's manifest.
        asked: the one runtime that is wanted; None for the usual ones.
    """
    if asked is not None:
        return [(str(asked), asked.numpy)]
    sets: list[tuple[str, ...]] = []
    for package in PACKAGES[runner]:
        here, any_version = installed(package), Requirement(package, None)
        if here is not None:
            sets.append((f"{package}=={here}", f"numpy=={installed('numpy')}"))
        sets.append((package, any_version.numpy))
    return sets


def installed(package: str) -> str | None:
    """Return a package's version here; None where it is missing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
