"""Verdicts that are kept: found again while nothing that they depend on has changed."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

from edgekit.errors import EdgekitError, InputError, UnavailableError
from edgekit.files import read_json
from edgekit.results.measurement import Measurement
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verification
from edgekit.settings import Json
from edgekit.steps.step import Input, Step
from edgekit.steps.workspace import Workspace
from edgekit.target import Target
from edgekit.verdict import Verdict

Result = TypeVar("Result", Verification, Measurement)


def noted(
    space: Workspace, step: Step, read: Callable[[object, str], Result | Unmeasured]
) -> Result | Unmeasured:
    """Return the result of a step of `verdict_step`, measured unless it is noted already.

    Args:
        space: the project's workspace.
        step: what judges.
        read: makes the result of JSON values and the name of their file.
    """
    path = space.made(step)
    return read(read_json(path), str(path))


def verdict_step(
    space: Workspace,
    name: str,
    target: Target,
    entries: tuple[str, ...],
    measure: Callable[[], Result],
    inputs: Mapping[str, Input],
    settings: Json,
    unsettled: Collection[Verdict] = (),
) -> Step:
    """Declare the judging of a bundle by running its artifact on this machine.

    Args:
        space: the project's workspace.
        name: what is done and the bundle's name, such as `bench x86-int8`.
        target: of the bundle.
        entries: see `Step`.
        measure: runs the artifact and returns a verdict.
        inputs: see `Step`.
        settings: see `Step`.
        unsettled: verdicts that another measurement may change: one that is noted is not reused.
    """
    what, _, bundle = name.partition(" ")
    path = space.project.output / "results" / f"{bundle}.{what}.json"

    def make() -> str:
        result = or_unmeasured(measure)
        result.write(path)
        return _line(result)

    def again() -> str | None:
        verdict = noted_verdict(path)
        return f"the verdict was {verdict}, which may change" if verdict in unsettled else None

    settings = {**settings, "target": target.to_json()}
    return Step(
        *(name, path, entries, make, inputs, settings),
        runner=target.runner,
        unsettled=again,
        calls=(measure,),
    )


def noted_verdict(path: Path) -> str | None:
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
