"""Verdicts that are kept: found again while nothing that they depend on has changed."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

from edgekit.errors import EdgekitError, InputError, UnavailableError
from edgekit.files import read_json
from edgekit.results.measurement import Measurement
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verification
from edgekit.steps.workspace import Workspace
from edgekit.verdict import Verdict

Result = TypeVar("Result", Verification, Measurement)


def noted(
    space: Workspace,
    what: str,
    bundle: Path,
    depends: Mapping[str, object],
    measure: Callable[[], Result],
    read: Callable[[object, str], Result | Unmeasured],
    unsettled: Collection[Verdict] = (),
) -> Result | Unmeasured:
    """Return a result that is noted already, or measure and note it.

    Args:
        space: the project's workspace.
        what: `verify` or `bench`.
        bundle: the bundle's folder.
        depends: what the result depends on.
        measure: makes it.
        read: makes it of JSON values and the name of their file.
        unsettled: verdicts that another measurement may change: one that is noted is not reused.
    """
    path = space.project.output / "results" / f"{bundle.name}.{what}.json"

    def make() -> str:
        result = or_unmeasured(measure)
        result.write(path)
        return _line(result)

    space.made(f"{what} {bundle.name}", path, dict(depends), make, _verdict(path) in unsettled)
    return read(read_json(path), str(path))


def _verdict(path: Path) -> str | None:
    """Return the verdict that is noted; None where there is none."""
    try:
        found = read_json(path)
    except InputError:  # not there, or damaged: the step is done again anyway
        return None
    return str(found.get("verdict")) if isinstance(found, dict) else None


def _line(result: Verification | Measurement | Unmeasured) -> str:
    """Say the verdict, and why where it is no pass."""
    from edgekit.report.bundles import reasons_of

    return ": ".join([result.verdict, *reasons_of(result)[:1]])


def or_unmeasured(measure: Callable[[], Result]) -> Result | Unmeasured:
    """Note a runtime that is not here, or one that fails on the artifact, and go on."""
    try:
        return measure()
    except UnavailableError as error:
        return Unmeasured.unavailable(error.reason)
    except EdgekitError as error:
        return Unmeasured.failure(str(error))
