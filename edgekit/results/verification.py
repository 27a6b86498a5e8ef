"""What verify says of a bundle."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from edgekit.evidence import Evidence
from edgekit.record import Record
from edgekit.results.classes import ClassFigures
from edgekit.results.decision import Decision
from edgekit.settings import Json
from edgekit.target import Precision
from edgekit.verdict import Verdict

Kind = Literal[
    "contract", "kernel", "labels", "preprocessing", "layer", "rounding", "threshold", "unknown"
]  # fmt: skip
# What is wrong with the artifact itself, whether the test images show it or not.
DAMAGE: tuple[Kind, ...] = ("labels", "preprocessing", "layer")
ALL = "all"  # the cell of every slice together


class TensorError(Record):
    """How far an artifact's logits are from the reference's.

    None stands for what has no finite value: all three where an array holds NaN or infinity,
    `sqnr_db` where the arrays are identical.

    Attributes:
        max_abs: largest absolute difference.
        cosine: of the arrays as vectors.
        sqnr_db: signal to quantization noise, decibels.
    """

    max_abs: float | None
    cosine: float | None
    sqnr_db: float | None


class Retrieval(Record):
    """How far a search among the artifact's embeddings finds what the student's do.

    Attributes:
        first: share of images that keep their nearest neighbour.
        kept: mean share of the nearest neighbours that are kept.
    """

    first: float
    kept: float


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


class Cell(Record):
    """AUC under one disturbance on one slice; all slices together have a verdict as well."""

    OPTIONAL: ClassVar = frozenset({"verdict", "evidence"})

    reference: float | None
    artifact: float | None
    verdict: Verdict | None = None
    evidence: Evidence | None = None


# By disturbance and slice: `none` first, and `all` first in each.
Matrix = dict[str, dict[str, Cell]]


class NotedMatrix(Record):
    """A Matrix on the disk, and the SHA-256 of the manifest that it is of."""

    bundle: str
    matrix: Matrix


class Parity(Record):
    """A verdict about scores, with the figures that earned it.

    Attributes:
        verdict: `fail` if anything fails, else `inconclusive` if a figure is, else `pass`.
        decision: the figures.
        failures: one line for each figure that fails and each fault of the scores.
        images_to_decide: for `inconclusive`, how many images would decide it; None if none would.
    """

    verdict: Verdict
    decision: Decision
    failures: tuple[str, ...] = ()
    images_to_decide: int | None = None


class Verification(Parity):
    """What verify says of a bundle.

    Attributes:
        target: the Target's name.
        precision: the bundle's.
        bundle: name of its folder.
        evidence: what the run proves.
        device: where the artifact ran.
        runtime: the one that was asked for; None for the usual one.
        images: how many decided.
        flipped: the first 32 images that are decided otherwise.
        tensor: how far the logits are apart.
        classes: None with fewer than three classes.
        retrieval: None where the output is no embedding.
        contract: where the bundle's Signature is not the student's.
        plain: the verdict with plain kernels, where this processor's fail and the Target is for
            another one.
        cause: why it does not pass; None where nobody looked, or nothing is wrong.
        robustness: the same under disturbances, where that was asked for.
        picture: file with a drawing of that.
    """

    OPTIONAL: ClassVar = frozenset({"plain", "robustness", "picture"})

    target: str
    precision: Precision
    bundle: str
    evidence: Evidence
    device: str
    runtime: str | None = None
    images: int
    flipped: tuple[str, ...] = ()
    tensor: TensorError
    classes: ClassFigures | None = None
    retrieval: Retrieval | None = None
    contract: tuple[Breach, ...] = ()
    plain: Verdict | None = None
    cause: Cause | None = None
    robustness: Matrix | None = None
    picture: str | None = None

    def failed(self, lines: Sequence[str]) -> Self:
        """Return a verdict that fails for more reasons than its figures."""
        update = {"verdict": Verdict.FAIL, "failures": (*lines, *self.failures)}
        return self.model_copy(update=update)


class Unmeasured(Record):
    """A verdict without figures: there is no runtime, or it fails on the artifact.

    Attributes:
        verdict: `unavailable`, or `fail` where the runtime was there and failed.
        reason: why, in one line.
        failures: the same line where it failed.
    """

    OPTIONAL: ClassVar = frozenset({"failures"})

    verdict: Verdict
    failures: tuple[str, ...] | None = None
    reason: str

    @classmethod
    def unavailable(cls, reason: str) -> Self:
        """Nothing here could judge it."""
        return cls(verdict=Verdict.UNAVAILABLE, reason=reason)

    @classmethod
    def failure(cls, line: str) -> Self:
        """What runs the artifact refused it or crashed."""
        return cls(verdict=Verdict.FAIL, failures=(line,), reason=line)


Verified = Verification | Unmeasured


def verified(value: object, where: str) -> Verified:
    """Read what either was written as.

    Args:
        value: JSON values.
        where: the file that they come from, for the message.
    """
    whole = isinstance(value, dict) and "decision" in value
    return (Verification if whole else Unmeasured).from_json(value, where)


class Verifications(Record):
    """What verify says of a bundle on several Devices.

    Attributes:
        verdict: the worst.
        bundle: name of its folder.
        devices: by the Device's name.
    """

    verdict: Verdict
    bundle: str
    devices: dict[str, Verified]

    def to_json(self) -> Json:
        """Return plain JSON values; each Device's has its name."""
        named = {name: {"device": name, **one.to_json()} for name, one in self.devices.items()}
        return {"verdict": self.verdict.value, "bundle": self.bundle, "devices": named}
