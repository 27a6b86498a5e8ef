"""Verdicts that are kept: found again while nothing that they depend on has changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgekit.errors import EdgekitError, UnavailableError
from edgekit.files import read_json, write_json
from edgekit.steps.workspace import Workspace


def noted(
    space: Workspace,
    what: str,
    bundle: Path,
    depends: dict[str, Any],
    measure: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Return a result that is noted already, or measure and note it.

    Args:
        space: the project's workspace.
        what: `verify` or `bench`.
        bundle: the bundle's folder.
        depends: what the result depends on.
        measure: makes it.
    """
    path = space.project.output / "results" / f"{bundle.name}.{what}.json"

    def make() -> str:
        result = or_unavailable(measure)
        write_json(path, result)
        return str(result["verdict"])

    space.made(f"{what} {bundle.name}", path, depends, make)
    found: dict[str, Any] = read_json(path)
    return found


def or_unavailable(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Note a runtime that is not here, or one that fails on the artifact, and go on."""
    try:
        return measure()
    except UnavailableError as error:
        return {"verdict": "unavailable", "reason": error.reason}
    except EdgekitError as error:
        return {"verdict": "fail", "failures": [str(error)], "reason": str(error)}
