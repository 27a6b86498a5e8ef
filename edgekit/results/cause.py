"""Why an artifact decides otherwise than the student it was built from."""

from typing import Literal

from edgekit.record import Record

Kind = Literal[
    "contract", "kernel", "labels", "preprocessing", "layer", "rounding", "threshold", "unknown"
]  # fmt: skip
# What is wrong with the artifact itself, whether the test images show it or not.
DAMAGE: tuple[Kind, ...] = ("labels", "preprocessing", "layer")


class Breach(Record):
    """One value of the Signature that differs.

    Attributes:
        field: where it stands, such as `image.mean` or `threshold`.
        bundle: the bundle's value.
        student: the student's.
    """

    field: str
    bundle: object
    student: object

    def line(self) -> str:
        """Say it in one line."""
        return f"contract: {self.field} is {self.bundle} in the bundle, {self.student} before"


class Cause(Record):
    """Why an artifact decides otherwise.

    Attributes:
        kind: `contract` (the bundle's Signature is not the student's), `kernel` (the file is right,
            and this processor's kernels are wrong), `labels` (logits in another order),
            `preprocessing` (it expects another input), `layer` (it computes a layer otherwise than
            the Program it was built from), `rounding` (integers too coarse), `threshold` (scores
            moved and kept their order), `unknown`.
        what: what is wrong, by name.
        advice: what to do.
        foreign: the fault is this processor's, and the Target is not for it.
    """

    kind: Kind
    what: str
    advice: str
    foreign: bool = False

    @property
    def damage(self) -> bool:
        """Whether the artifact does not compute what it was built from."""
        return self.kind in DAMAGE
