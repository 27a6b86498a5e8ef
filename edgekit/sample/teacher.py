"""The sample teacher: a small CLIP vision tower and a linear head."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from edgekit.files import write_json
from edgekit.settings import ForeignJson

CONFIG: ForeignJson = {
    "model_cfg": {
        "embed_dim": 128,
        "quick_gelu": True,
        "vision_cfg": {
            "image_size": 128,
            "layers": 4,
            "width": 128,
            "head_width": 32,
            "patch_size": 16,
        },
        # open_clip asks for a text tower in every configuration; none is stored.
        "text_cfg": {
            "context_length": 8,
            "vocab_size": 64,
            "width": 32,
            "heads": 1,
            "layers": 1,
        },
    },
    "preprocess_cfg": {
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
        "size": [128, 128],
        "mode": "RGB",
    },
}


class Teacher(nn.Module):
    """The tower and the head: normalised [batch, 3, 128, 128] to logits [batch, 2]: real, fake."""

    def __init__(self) -> None:
        from open_clip.model import _build_vision_tower

        super().__init__()
        model = CONFIG["model_cfg"]
        self.visual = _build_vision_tower(
            model["embed_dim"], model["vision_cfg"], model["quick_gelu"]
        )
        self.head = nn.Linear(model["embed_dim"], 2)

    def forward(self, image: Tensor) -> Tensor:
        """Score a batch."""
        logits: Tensor = self.head(self.visual(image))
        return logits


def normalise(images: Tensor) -> Tensor:
    """Turn uint8 [batch, 3, height, width] into what the tower takes, float32."""
    mean, std = (torch.tensor(CONFIG["preprocess_cfg"][key]) for key in ("mean", "std"))
    return (images.float() / 255 - mean[:, None, None]) / std[:, None, None]


def save(teacher: Teacher, folder: Path) -> None:
    """Write open_clip's local folder, the tower in half precision, and `head.safetensors`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "open_clip_config.json", CONFIG)
    tower = {f"visual.{key}": value.half() for key, value in teacher.visual.state_dict().items()}
    save_file(tower, folder / "open_clip_model.safetensors")
    save_file(dict(teacher.head.state_dict()), folder / "head.safetensors")
