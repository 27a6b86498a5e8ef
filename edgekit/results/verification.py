"""What verify says of a bundle."""

from collections.abc import Sequence
from typing import ClassVar, Self

from edgekit.evidence import Evidence
from edgekit.record import Record
from edgekit.results.cause import Breach, Cause
from edgekit.results.classes import ClassAgreement
from edgekit.results.decision import Decision
from edgekit.results.groups import Grouped
from edgekit.results.matrix import Matrix
from edgekit.results.unmeasured import Unmeasured
from edgekit.settings import Json
from edgekit.target import Precision
from edgekit.verdict import Verdict


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


class Parity(Record):
    """A verdict about scores, with the figures that earned it.

    Attributes:
        verdict: `fail` if anything fails, else `inconclusive` if a figure is, else `pass`.
        decision: the figures.
        failures: one line for each figure that fails and each fault of the scores.
        images_to_decide: for `inconclusive`, how many images would decide it; None if none would.
        groups: of the images; None where every image stands by itself.
        groups_to_decide: for `inconclusive`, how many groups like these would decide it.
    """

    OPTIONAL: ClassVar = frozenset({"groups", "groups_to_decide"})

    verdict: Verdict
    decision: Decision
    failures: tuple[str, ...] = ()
    images_to_decide: int | None = None
    groups: Grouped | None = None
    groups_to_decide: int | None = None


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

    OPTIONAL: ClassVar = Parity.OPTIONAL | {"plain", "robustness", "picture"}

    target: str
    precision: Precision
    bundle: str
    evidence: Evidence
    device: str
    runtime: str | None = None
    images: int
    flipped: tuple[str, ...] = ()
    tensor: TensorError
    classes: ClassAgreement | None = None
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
