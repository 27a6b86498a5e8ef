"""What a run on a Device proves about a Target: decided here and nowhere else."""

from collections.abc import Mapping

from edgekit.evidence import Evidence, stronger
from edgekit.target import Target

ARM = "aarch64"  # what is emulated where there is none


def evidence_for(target: Target, strongest: Evidence, machine: str) -> Evidence:
    """Return the evidence of a run.

    An interpreter of the artifact stays one wherever it runs. The target's own runtime proves what
    the Device can prove only on the kind of processor that the Target is for; on any other it is
    that runtime on a stranger's core.

    Args:
        target: what the bundle was built for.
        strongest: what the transport can prove at best: `host`, `emulated` or `device`.
        machine: the processor's architecture as `uname -m` names it, such as `aarch64`.
    """
    if target.evidence is not Evidence.HOST or machine not in target.machines:
        return target.evidence
    return stronger(target.evidence, strongest)


def speed_obstacle(target: Target, environment: Mapping[str, object]) -> str | None:
    """Say why a time says nothing about a Target's speed; None where it does.

    Which kernels a runtime has, and how fast they are beside each other, differs between kinds of
    processors: int8 may be slower than fp32 on one and twice as fast on another.

    Args:
        target: what the bundle was built for.
        environment: the runner's own record of the machine that took the time, see `runner.py`;
            its `machine` is the architecture, its `processor` the name.
    """
    if not target.evidence.timed:
        return (
            f"timed with an interpreter of the artifact, which says nothing about {target.title}: "
            "time it there with the target's own runtime"
        )
    where = stranger(target, environment)
    if where is None:
        return None
    kinds = f" ({', '.join(target.machines)})" if target.machines else ""
    fix = f"for a verdict name a device of its own{kinds} with --device ssh://user@host"
    return f"{where}: {fix}"


def countable(target: Target, machine: str) -> bool:
    """Tell whether a Target's speed is counted on an emulated core rather than timed on a machine.

    Args:
        target: what is built for.
        machine: the architecture at hand, as `uname -m` names it.
    """
    return target.evidence.timed and machine not in target.machines and ARM in target.machines


def stranger(target: Target, environment: Mapping[str, object]) -> str | None:
    """Say on which processor a time was taken that a Target is not for; None where it is for it.

    Args:
        target: what the bundle was built for.
        environment: as in `speed_obstacle`.
    """
    machine = environment.get("machine") or "an unknown architecture"
    if machine in target.machines:
        return None
    processor = environment.get("processor") or "an unknown processor"
    return f"timed on {processor} ({machine}), which target {target.name} is not for"
