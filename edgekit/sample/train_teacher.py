"""Train the sample teacher: a small CLIP vision tower and a linear head."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from edgekit.files import write_json
from edgekit.sample.dataset import CROPS, split_pairs
from edgekit.sample.decoders import load_decoders
from edgekit.sample.photographs import Split
from edgekit.sample.train_decoders import half

CONFIG: dict[str, Any] = {
    "model_cfg": {
        "embed_dim": 128,
        "quick_gelu": True,
        "vision_cfg": {
            "image_size": 128,
            "layers": 4,
            "width": 192,
            "head_width": 32,
            "patch_size": 16,
        },
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
_CROPS_PER_PHOTOGRAPH = 600
_EPOCHS = 16
_BATCH = 32
_PEAK_RATE = 1e-3

Images = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Fit:
    """How the training went.

    Attributes:
        epoch: the epoch that was kept, from 0.
        loss: its mean cross-entropy on the validation split.
    """

    epoch: int
    loss: float


class Teacher(nn.Module):
    """The tower and the head: [batch, 3, 128, 128] normalised to [batch, 2] logits."""

    def __init__(self) -> None:
        from open_clip.model import _build_vision_tower

        super().__init__()
        model = CONFIG["model_cfg"]
        self.visual = _build_vision_tower(
            model["embed_dim"], model["vision_cfg"], model["quick_gelu"]
        )
        self.head = nn.Linear(model["embed_dim"], 2)

    def forward(self, image: Tensor) -> Tensor:
        """Score a batch: real, fake."""
        logits: Tensor = self.head(self.visual(image))
        return logits


def train_teacher(folder: Path, seed: int, progress: Callable[[int, Fit], None]) -> Fit:
    """Train the teacher on the train photographs and save it in open_clip's folder format.

    The epoch is chosen on the validation split; the test split is not read.

    Args:
        folder: gets `open_clip_config.json`, `open_clip_model.safetensors`, `head.safetensors`.
        seed: decides crops, initial weights, order and flips.
        progress: called after each epoch with its number and how well it does.

    Returns:
        the epoch that was kept.
    """
    decoders = load_decoders()
    # Another seed than the dataset's: crops at other places of the same photographs.
    train = _images("train", _CROPS_PER_PHOTOGRAPH, seed + 1, decoders)
    validation = _images("validation", CROPS["validation"], seed, decoders)
    torch.manual_seed(seed)
    teacher = Teacher()
    fit, state = _best_epoch(teacher, train, validation, progress)
    teacher.load_state_dict(state)
    _save(teacher, folder)
    return fit


def _images(split: Split, count: int, seed: int, decoders: dict[str, nn.Module]) -> Images:
    """Decode a split to uint8 [count, 3, 128, 128] and int64 labels, 1 for fake."""
    pixels, labels = [], []
    for pair in split_pairs(split, count, seed, decoders):
        pixels += [_decode(pair.real), _decode(pair.fake)]
        labels += [0, 1]
    return torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2), torch.tensor(labels)


def _decode(data: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image)


def _best_epoch(
    teacher: Teacher, train: Images, validation: Images, progress: Callable[[int, Fit], None]
) -> tuple[Fit, dict[str, Tensor]]:
    """Run every epoch; return the one with the least validation loss and its weights."""
    optimizer = torch.optim.AdamW(teacher.parameters(), weight_decay=0.05)
    steps = _EPOCHS * (len(train[0]) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, _PEAK_RATE, total_steps=steps, pct_start=0.2
    )
    best, state = Fit(-1, float("inf")), teacher.state_dict()
    for epoch in range(_EPOCHS):
        _epoch(teacher, train, optimizer, schedule)
        fit = Fit(epoch, _loss(teacher, validation))
        progress(epoch, fit)
        if fit.loss < best.loss:
            best, state = fit, copy.deepcopy(teacher.state_dict())
    return best, state


def _epoch(
    teacher: Teacher,
    train: Images,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> None:
    """Go once through the images in random order, turned and mirrored at random."""
    teacher.train()
    for batch in torch.randperm(len(train[0])).split(_BATCH)[: len(train[0]) // _BATCH]:
        logits = teacher(_normalise(_turn(train[0][batch])))
        loss = functional.cross_entropy(logits, train[1][batch])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
        optimizer.step()
        schedule.step()


def _turn(images: Tensor) -> Tensor:
    """Apply one of the eight symmetries of the square."""
    turns, mirror = torch.randint(4, ()).item(), torch.rand(()) < 0.5
    turned = torch.rot90(images, int(turns), (2, 3))
    return turned.flip(3) if mirror else turned


def _normalise(images: Tensor) -> Tensor:
    mean, std = (torch.tensor(CONFIG["preprocess_cfg"][key]) for key in ("mean", "std"))
    return (images.float() / 255 - mean[:, None, None]) / std[:, None, None]


@torch.no_grad()
def _loss(teacher: Teacher, images: Images) -> float:
    """Mean cross-entropy over a split."""
    teacher.eval()
    logits = torch.cat([teacher(_normalise(batch)) for batch in images[0].split(64)])
    return functional.cross_entropy(logits, images[1]).item()


def _save(teacher: Teacher, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "open_clip_config.json", CONFIG)
    tower = {f"visual.{key}": value for key, value in teacher.visual.state_dict().items()}
    save_file(half(tower), folder / "open_clip_model.safetensors")
    save_file(dict(teacher.head.state_dict()), folder / "head.safetensors")
