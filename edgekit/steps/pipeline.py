"""The whole way of a project: what `edgekit run` walks, and what `--plan` looks along."""

from dataclasses import dataclass
from pathlib import Path

from edgekit.errors import EdgekitError
from edgekit.results.measurement import Measured, measured
from edgekit.results.project import not_built
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verified, verified
from edgekit.steps import bench, data, export, scores, verify
from edgekit.steps.noted import noted, noted_verdict
from edgekit.steps.plan import Plan, Planned
from edgekit.steps.splits import Split
from edgekit.steps.step import Step
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named
from edgekit.verdict import Verdict

_NO_LATENCY = "what runs the artifact here is not the target's runtime, so its speed says nothing"
DESCRIBED: tuple[Split, ...] = ("test", "calibration")  # in the report


@dataclass(frozen=True)
class Way:
    """The steps of one bundle, in their order.

    Attributes:
        export: makes it.
        verify: judges its decisions.
        bench: judges its speed; None where what runs it here says nothing about that.
    """

    export: Step
    verify: Step
    bench: Step | None


@dataclass(frozen=True)
class Done:
    """What there is of one target after a walk.

    Attributes:
        target: its name.
        bundle: the bundle's folder, or why there is none.
        verify: the verdict about its decisions.
        bench: the verdict about its speed.
    """

    target: str
    bundle: Path | EdgekitError
    verify: Verified
    bench: Measured


def walk(space: Workspace) -> list[Done]:
    """Do every step that is not done yet.

    Returns:
        what there is of each of the project's targets; one that is refused ends no other.

    Raises:
        InputError: when what the targets share is wrong: detector, data, calibration.
    """
    made = export.export_each(space, list(space.project.settings.targets))
    done = [_done(space, name, found) for name, found in made.items()]
    for step in _described(space):
        space.made(step)
    return done


def plan(space: Workspace) -> list[Planned]:
    """Say what `walk` would do, in its order, without doing or writing anything.

    Raises:
        InputError: when what the user gave is missing or refused, as in a walk.
    """
    found = Plan(space)
    ways = [way(space, name) for name in space.project.settings.targets]
    for each in ways:
        found.look(each.export)
    for each in ways:
        judged = found.look(each.verify)
        settled = judged.action == "reuse"
        if each.bench and not (settled and _is_unavailable(each.verify)):
            found.look(each.bench, None if settled else judged)
    for step in _described(space):
        found.look(step)
    return list(found.planned.values())


def way(space: Workspace, name: str) -> Way:
    """Declare the steps of a target's bundle, in the precision that the project asks for."""
    target, precision = target_named(name), export.precision_of(space, name)
    made = export.export_step(space, target, precision)
    float_too = precision != "fp32" and "fp32" in target.precisions
    against = export.export_step(space, target, "fp32") if float_too else None
    timed = bench.bench_step(space, made.output, target, made, against)
    judged = verify.verify_step(space, made.output, target, made)
    return Way(made, judged, timed if target.evidence.timed else None)


def _done(space: Workspace, name: str, found: Path | EdgekitError) -> Done:
    if not isinstance(found, Path):
        nothing = not_built(str(found))
        return Done(name, found, nothing, nothing)
    steps = way(space, name)
    judged = noted(space, steps.verify, verified)
    return Done(name, found, judged, _timed(space, steps.bench, judged))


def _timed(space: Workspace, step: Step | None, judged: Verified) -> Measured:
    """Bench a bundle, unless a time taken here would say nothing of it."""
    if isinstance(judged, Unmeasured) and judged.verdict is Verdict.UNAVAILABLE:
        return judged
    return Unmeasured.unavailable(_NO_LATENCY) if step is None else noted(space, step, measured)


def _is_unavailable(step: Step) -> bool:
    return noted_verdict(step.output) == Verdict.UNAVAILABLE


def _described(space: Workspace) -> list[Step]:
    """Declare what the report shows besides the bundles: float Detectors, and files of the data."""
    student = scores.score_step(space, "student")
    teacher = [scores.score_step(space, "teacher")] if space.project.settings.teacher else []
    files = [
        data.files_step(space, name, lambda: scores.signature_in(student.output), student)
        for name in DESCRIBED
    ]
    return [student, *teacher, *files]
