"""How far the corrections go."""

from typing import Annotated

from pydantic import Field

from edgekit.settings import Settings

Positive = Annotated[float, Field(gt=0)]


class CorrectionSettings(Settings):
    """One figure or two for each correction that has any.

    Attributes:
        images: how many of the samples the corrections but `distilled` look at.
        alpha: `smooth`: 0 leaves the whole difficulty with the activations, 1 gives it to the
            weights.
        bits: `rounding`: width of the weights; that of the quantized Program when left out.
        damping: `rounding`: share of the mean curvature added to every direction.
        rows: `rounding`: positions looked at in each layer, over all images.
        steps: `distilled`: updates of the weights.
        batch_size: `distilled`: samples per update.
        learning_rate: `distilled`: peak, relative to the largest weight of each tensor.
        seed: `distilled`: of the order of the samples.
    """

    images: Annotated[int, Field(gt=0)] = 32
    alpha: Annotated[float, Field(ge=0, le=1)] = 0.5
    bits: Annotated[int, Field(ge=2, le=8)] | None = None
    damping: Positive = 0.01
    rows: Annotated[int, Field(gt=0)] = 4096
    steps: Annotated[int, Field(gt=0)] = 60
    batch_size: Annotated[int, Field(gt=0)] = 8
    learning_rate: Positive = 2e-4
    seed: int = 0
