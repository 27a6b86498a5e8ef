"""Verdicts that are kept: found again while nothing that they depend on has changed."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from edgekit.errors import EdgekitError, InputError, UnavailableError
from edgekit.files import read_json, write_json
from edgekit.steps.workspace import Workspace


def noted(
    space: Workspace,
    what: str,
    bundle: Path,
    depends: dict[str, Any],
    measure: Callable[[], dict[str, Any]],
    unsettled: Collection[str] = (),
) -> dict[str, Any]:
    """Return a result that is noted already, or measure and note it.

    Args:
        space: the project's workspace.
        what: `verify` or `bench`.
        bundle: the bundle's folder.
        depends: what the result depends on.
        measure: makes it.
        unsettled: verdicts that another measurement may change: one that is noted is not reused.
    """
    path = space.project.output / "results" / f"{bundle.name}.{what}.json"

    def make() -> str:
        result = or_unavailable(measure)
        write_json(path, result)
        return _line(result)

    space.made(f"{what} {bundle.name}", path, depends, make, _verdict(path) in unsettled)
    found: dict[str, Any] = read_json(path)
    return found


def _verdict(path: Path) -> str | None:
    """Return the verdict that is noted; None where there is none."""
    try:
        found = read_json(path)
    except InputError:  # not there, or damaged: the step is done again anyway
        return None
    return str(found.get("verdict")) if isinstance(found, dict) else None


def _line(result: dict[str, Any]) -> str:
    """Say the verdict, and why where it is no pass."""
    from edgekit.report.bundles import reasons_of

    return ": ".join([result["verdict"], *reasons_of(result)[:1]])


def or_unavailable(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Note a runtime that is not here, or one that fails on the artifact, and go on."""
    try:
        return measure()
    except UnavailableError as error:
        return {"verdict": "unavailable", "reason": error.reason}
    except EdgekitError as error:
        return {"verdict": "fail", "failures": [str(error)], "reason": str(error)}
