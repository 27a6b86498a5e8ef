"""A backbone with a linear head: what every CLIP detector and every student is."""

import torch
from torch import nn


class Headed(nn.Module):
    """Embed, then classify.

    The embedding is kept apart from the logits because distillation compares both.

    Args:
        backbone: image [N, 3, H, W] to embedding [N, D].
        head: embedding [N, D] to logits [N, C].
    """

    def __init__(self, backbone: nn.Module, head: nn.Linear) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def embed(self, image: torch.Tensor) -> torch.Tensor:
        """Return the embedding, float32 [N, D]."""
        embedding: torch.Tensor = self.backbone(image)
        return embedding

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the logits, float32 [N, C]."""
        logits: torch.Tensor = self.head(self.embed(image))
        return logits
