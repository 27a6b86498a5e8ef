"""Which class reference and artifact name, where there are more than two."""

from pydantic import AliasChoices, Field

from edgekit.figure import Share
from edgekit.record import Record


class Both(Record):
    """A share by reference and artifact; None where there are no images."""

    reference: float | None
    artifact: float | None


class OfClass(Record):
    """The images of one class.

    Attributes:
        images: how many.
        recall: share of them that each model names so.
        changed: how many get another class.
    """

    images: int
    recall: Both
    changed: int


class Move(Record):
    """How many images that were of one class for the reference are of another for the artifact."""

    before: str = Field(validation_alias=AliasChoices("before", "from"), serialization_alias="from")
    after: str = Field(validation_alias=AliasChoices("after", "to"), serialization_alias="to")
    count: int


class ClassAgreement(Record):
    """Which class each model names.

    Attributes:
        accuracy: of both models.
        collapsed: accuracy of both with all classes but the positive one taken as one.
        changed: share of images that get another class; has no budget.
        mcnemar_p: McNemar's p-value of the two accuracies.
        by_class: by name of the class.
        confusion: of the images that get another class how many go from which to which, the most
            frequent first.
    """

    accuracy: Both
    collapsed: Both
    changed: Share
    mcnemar_p: float
    by_class: dict[str, OfClass]
    confusion: tuple[Move, ...]
