"""What verify says of an app's own tensors of the golden samples."""

from pydantic import SerializerFunctionWrapHandler, model_serializer

from edgekit.record import Record
from edgekit.settings import Json
from edgekit.verdict import Verdict


class Flips(Record):
    """Decisions of the float Detector that change: how many, and their share."""

    count: int
    rate: float


class InputCheck(Record):
    """An app's tensors of one input.

    Attributes:
        right: whether they are what the input's preprocessing makes.
        p99_steps: 99% of the values differ by at most that, in steps of 8 bits.
        step: which step of preprocessing explains the difference best; None where none does.
        name: of the deviation in that step.
        left_steps: what it leaves unexplained, in steps of 8 bits.
        flips: what it costs; None where nothing explains it.
    """

    right: bool
    p99_steps: float
    step: str | None = None
    name: str | None = None
    left_steps: float | None = None
    flips: Flips | None = None

    @model_serializer(mode="wrap")
    def _written(self, fields: SerializerFunctionWrapHandler) -> Json:
        found: Json = {"right": self.right, "p99_steps": self.p99_steps}
        if self.right:
            return found
        found |= {"step": self.step, "name": self.name, "left_steps": self.left_steps}
        return found | ({"flips": self.flips.to_json()} if self.flips else {})


class InputsCheck(Record):
    """All inputs that are made from pictures.

    Attributes:
        verdict: `pass` where all are right.
        bundle: name of its folder.
        inputs: by name.
    """

    verdict: Verdict
    bundle: str
    inputs: dict[str, InputCheck]
