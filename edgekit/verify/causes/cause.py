"""What a cause is, and when one explains a difference."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal[
    "contract", "kernel", "labels", "preprocessing", "layer", "rounding", "threshold", "unknown"
]  # fmt: skip
# What is wrong with the artifact itself, whether the test images show it or not.
DAMAGE: tuple[Kind, ...] = ("labels", "preprocessing", "layer")
# A change that explains a difference leaves a quarter of its power, and little of it.
GAIN_DB, CLOSE_DB = 6.0, 10.0


@dataclass(frozen=True)
class Cause:
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

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def explains(with_it: float, without: float) -> bool:
    """Tell whether a change brings an artifact to the student.

    Args:
        with_it: SQNR of the artifact against the student with the change, decibels.
        without: the same without it.
    """
    return with_it >= max(without + GAIN_DB, CLOSE_DB)
