"""Sessions of Runtimes outside of this tree: the runner is told in which file each is."""

from importlib.util import find_spec

from edgekit.errors import InputError
from edgekit.runtime import Runtime
from edgekit.runtimes import runtimes


def session_places() -> list[str]:
    """Return what the runner takes as `--session`, for each Runtime that brings its own."""
    return [f"{each.runner}={place_of(each)}" for each in runtimes().values() if each.session]


def place_of(runtime: Runtime) -> str:
    """Return `file:Class` of a Runtime's own session.

    Raises:
        InputError: when there is no such module.
    """
    module, _, kind = str(runtime.session).partition(":")
    spec = find_spec(module)
    if spec is None or spec.origin is None or not kind:
        raise InputError(
            f"runtime {runtime.name}: no session at {runtime.session!r}", "Write module:Class"
        )
    return f"{spec.origin}:{kind}"
