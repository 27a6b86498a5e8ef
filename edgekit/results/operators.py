"""What an operator has of an inference."""

from typing import ClassVar

from edgekit.record import Record


class Operator(Record):
    """An operator that the runtime executed.

    Attributes:
        place: in the order of execution, from 0.
        kind: the runtime's own name of what it executed.
        names: what it computes, in the runtime's names; empty where it does not say.
        instructions: of one inference.
        classes: these by class; those that did not occur are left out.
        cycles: what they cost on the core by Arm's figures, modelled and never timed; None where
            edgekit has no figures of it.
        share: of the inference's modelled cycles, of its instructions where there are none.
    """

    OPTIONAL: ClassVar = frozenset({"cycles"})

    place: int
    kind: str
    names: tuple[str, ...] = ()
    instructions: int
    classes: dict[str, int]
    cycles: float | None = None
    share: float
