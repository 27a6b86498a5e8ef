"""What is installed here and what processor this is: what a result depends on besides edgekit."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version

from edgekit.settings import Json


def versions(imported: Iterable[str]) -> dict[str, str | None]:
    """Return the versions of packages by what is imported of them.

    Args:
        imported: top-level names, such as `ai_edge_litert`.

    Returns:
        by distribution, such as `ai-edge-litert`, its version. What is not installed stands under
        the name that is imported, with None: installing it changes the answer.
    """
    found = _distributions()
    return {
        distribution: _version(distribution)
        for name in sorted(imported)
        for distribution in sorted(set(found.get(name, (name,))))
    }


@cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


@cache
def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def this_machine(runner: str) -> Json:
    """Return what the result of running an artifact here depends on besides the artifact.

    A runtime chooses its kernels by the processor's instruction sets; they differ in what they
    compute and in how fast they are beside each other.

    Args:
        runner: of the bundle's manifest.
    """
    from edgekit.devices.runner.machine import environment
    from edgekit.devices.runtimes import PACKAGES

    here = environment()
    return {
        **{name: here[name] for name in ("processor", "machine", "instruction_sets")},
        "runtime": {name: _version(name) for name in PACKAGES.get(runner, ())},
    }
