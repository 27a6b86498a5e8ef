"""Every Runtime: one file each. A new one is a file beside this one and its name in MODULES.

One outside of this tree is an entry point in the group `edgekit.runtimes` that names its Runtime;
see docs/adding.md.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from edgekit.errors import InputError
from edgekit.runtime import Package, Runtime

MODULES = ("onnx", "openvino", "tensorrt", "tflite", "coreml")
GROUP = "edgekit.runtimes"


@cache
def runtimes() -> dict[str, Runtime]:
    """Return every Runtime by name: those of this tree first, then installed ones.

    Raises:
        InputError: when an entry point names no Runtime, or one whose name or runner is taken.
    """
    found: dict[str, Runtime] = {}
    for module in MODULES:
        runtime = import_module(f"edgekit.runtimes.{module}").RUNTIME
        found[runtime.name] = runtime
    for runtime in _installed():
        _refuse_taken(runtime, found)
        found[runtime.name] = runtime
    return found


def _installed() -> Iterator[Runtime]:
    for point in entry_points(group=GROUP):
        try:
            found = point.load()
        except Exception as error:  # another's module: whatever it raises, this is about it
            fault = f"entry point {point.name} of {GROUP} does not load: {error}"
            raise InputError(fault, f"Mend or remove {point.value}") from error
        if not isinstance(found, Runtime):
            fault = f"entry point {point.name} of {GROUP} names a {type(found).__name__}"
            raise InputError(fault, f"Let {point.value} be an edgekit.runtime.Runtime")
        yield found


def _refuse_taken(runtime: Runtime, known: dict[str, Runtime]) -> None:
    """Refuse a second Runtime of a name, and a second session of a name."""
    runners = {other.runner for other in known.values()}
    own = runtime.session is not None
    if runtime.name in known or (own and runtime.runner in runners):
        what = runtime.name if runtime.name in known else runtime.runner
        raise InputError(f"runtime {runtime.name}: the name {what} is taken", "Use another name")


def runtime_named(name: str) -> Runtime:
    """Return a Runtime by name.

    Raises:
        InputError: when there is none, listing those there are.
    """
    found = runtimes()
    if name not in found:
        raise InputError(f"unknown runtime {name!r}", f"Use one of {', '.join(found)}")
    return found[name]


def runtime_of(runner: str) -> Runtime | None:
    """Return the first Runtime whose artifacts a session executes; None where there is none.

    Args:
        runner: of a bundle's manifest.
    """
    return next((each for each in runtimes().values() if each.runner == runner), None)


def packages() -> dict[str, Package]:
    """Return every package that some Runtime uses, by pip's name."""
    return {package.name: package for each in runtimes().values() for package in each.packages}
