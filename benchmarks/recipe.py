"""How a student is trained, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A stretch of training at one picture size.

    Attributes:
        side: of the random crops, pixels.
        steps: optimizer steps.
        pairs: crops of a real picture and of its fake in a batch; the batch is twice as large.
    """

    side: int
    steps: int
    pairs: int


@dataclass(frozen=True)
class Recipe:
    """How a student is trained: AdamW under one cycle over all stages, on the labels alone.

    Attributes:
        stages: in their order.
        rate: peak learning rate.
        decay: weight decay.
        bfloat16: whether matrix products are done in bfloat16, for what has no batch norm.
        seed: decides the first weights, crops and their variations.
    """

    stages: tuple[Stage, ...]
    rate: float
    decay: float = 0.05
    bfloat16: bool = False
    seed: int = 0

    @property
    def steps(self) -> int:
        """Optimizer steps in all."""
        return sum(stage.steps for stage in self.stages)

    @property
    def crops(self) -> int:
        """Crops that the network sees in all."""
        return sum(2 * stage.steps * stage.pairs for stage in self.stages)
