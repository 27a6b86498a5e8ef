"""What a run on a Device proves about a Target: decided here and nowhere else."""

from edgekit.export.target import EVIDENCE, Evidence, Target


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
    if target.evidence != "host" or machine not in target.machines:
        return target.evidence
    return max(target.evidence, strongest, key=EVIDENCE.index)
