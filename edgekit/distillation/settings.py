"""The `[distill]` table of the project file."""

from typing import Annotated, Literal

from pydantic import Field

from edgekit.settings import Settings

Loss = Literal["logits", "features", "labels"]
Positive = Annotated[float, Field(gt=0)]


class DistillSettings(Settings):
    """How a student is taught.

    Attributes:
        epochs: passes over the training set.
        batch_size: samples per step.
        learning_rate: peak of the one-cycle schedule.
        weight_decay: AdamW's.
        augment: applied alike to what teacher and student see.
        losses: weight of each loss in `edgekit/distillation/losses.py`.
        seed: of initialization, order and augmentation.
    """

    epochs: Annotated[int, Field(gt=0)] = 10
    batch_size: Annotated[int, Field(gt=1)] = 32
    learning_rate: Positive = 2e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.02
    augment: tuple[Literal["mirror", "rotate", "colour"], ...] = ("mirror", "rotate", "colour")
    losses: dict[Loss, Positive] = Field(
        default={"logits": 1.0, "features": 0.5, "labels": 0.5}, min_length=1
    )
    seed: int = 0
