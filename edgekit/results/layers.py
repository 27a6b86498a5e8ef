"""What diff says of two bundles of one student, or of a bundle and the student itself."""

from typing import Literal

from edgekit.evidence import Evidence
from edgekit.record import Record


class LayerFigure(Record):
    """How far one layer is apart.

    Attributes:
        layer: the student's own name of it.
        group: of operators.
        sqnr_db: power of what is right over that of the difference, decibels; None where the other
            is not finite.
        fall_db: by how much that is less than in the worst of its inputs.
    """

    layer: str
    group: str
    sqnr_db: float | None
    fall_db: float | None


class WrongLayer(LayerFigure):
    """The first layer that is wrong while what it reads is right.

    Attributes:
        kind: `layer`: the file is not what it was built from; `kernel`: the file is, and this
            processor's kernels compute it otherwise; `rounding`.
        cause: in words.
        advice: what to do about it.
    """

    kind: Literal["layer", "kernel", "rounding"]
    cause: str
    advice: str


class Side(Record):
    """One of the two.

    Attributes:
        bundle: name of its folder; `student` for the float student itself.
        evidence: what its trace proves; None for the student, and for an artifact that nothing was
            done with yet, which the Program that it was built from stands for.
    """

    bundle: str
    evidence: Evidence | None


class Diff(Record):
    """Two traces of one student.

    Attributes:
        first: what is right.
        second: what is looked at.
        layers: in graph order.
        wrong: None where no layer is.
    """

    first: Side
    second: Side
    layers: tuple[LayerFigure, ...]
    wrong: WrongLayer | None
