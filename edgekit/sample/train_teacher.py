"""Train the sample teacher on crops of the train photographs."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from edgekit.sample.crops import Pixels
from edgekit.sample.dataset import CROPS, remakes
from edgekit.sample.decoders import load_decoders
from edgekit.sample.photographs import Split
from edgekit.sample.teacher import Teacher, normalise, save

_CROPS_PER_PHOTOGRAPH = 250
_EPOCHS = 12
_BATCH = 32
_PEAK_RATE = 1e-3

Images = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Fit:
    """How the training went.

    Attributes:
        epoch: the epoch that was kept, from 0.
        auc: its area under the ROC curve on the validation split.
    """

    epoch: int
    auc: float


def train_teacher(folder: Path, seed: int, progress: Callable[[int, Fit], None]) -> Fit:
    """Train the teacher on the train photographs and save it in open_clip's folder format.

    The epoch is chosen on the validation split; the test split is not read.

    Args:
        folder: gets `open_clip_config.json`, `open_clip_model.safetensors`, `head.safetensors`.
        seed: decides crops, initial weights, order and augmentation.
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
    save(teacher, folder)
    return fit


def _images(split: Split, count: int, seed: int, decoders: dict[str, nn.Module]) -> Images:
    """Decode a split to uint8 [count, 3, 128, 128] and int64 labels, 1 for fake."""
    pixels, labels = [], []
    for remake in remakes(split, count, seed, decoders):
        pixels += [_decode(remake.real), _decode(remake.fake)]
        labels += [0, 1]
    return torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2), torch.tensor(labels)


def _decode(data: bytes) -> Pixels:
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image)


def _best_epoch(
    teacher: Teacher, train: Images, validation: Images, progress: Callable[[int, Fit], None]
) -> tuple[Fit, dict[str, Tensor]]:
    """Run every epoch; return the one with the best validation AUC and its weights."""
    optimizer = torch.optim.AdamW(teacher.parameters(), weight_decay=0.05)
    steps = _EPOCHS * (len(train[0]) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, _PEAK_RATE, total_steps=steps, pct_start=0.2
    )
    best, state = Fit(-1, -1.0), teacher.state_dict()
    for epoch in range(_EPOCHS):
        _epoch(teacher, train, optimizer, schedule)
        fit = Fit(epoch, _auc(teacher, validation))
        progress(epoch, fit)
        if fit.auc > best.auc:
            best, state = fit, copy.deepcopy(teacher.state_dict())
    return best, state


def _epoch(
    teacher: Teacher,
    train: Images,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> None:
    """Go once through the images in random order, augmented."""
    teacher.train()
    for batch in torch.randperm(len(train[0])).split(_BATCH)[: len(train[0]) // _BATCH]:
        logits = teacher(normalise(_turn(train[0][batch])))
        loss = functional.cross_entropy(logits, train[1][batch])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
        optimizer.step()
        schedule.step()


def _turn(images: Tensor) -> Tensor:
    """Apply one of the eight symmetries of the square, and let the colours change places."""
    turns, mirror = torch.randint(4, ()).item(), torch.rand(()) < 0.5
    turned = torch.rot90(images[:, torch.randperm(3)], int(turns), (2, 3))
    return turned.flip(3) if mirror else turned


@torch.no_grad()
def _auc(teacher: Teacher, images: Images) -> float:
    """How often a fake image scores above a real one."""
    teacher.eval()
    logits = torch.cat([teacher(normalise(batch)) for batch in images[0].split(64)])
    score = logits[:, 1] - logits[:, 0]
    real, fake = score[images[1] == 0], score[images[1] == 1]
    return (fake[:, None] > real).double().mean().item()
