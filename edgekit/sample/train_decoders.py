"""Train the decoders on crops of the train photographs."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from edgekit.sample.crops import cut
from edgekit.sample.decoders import DESIGNS
from edgekit.sample.photographs import load, of_split

_CROPS_PER_PHOTOGRAPH = 200
_BATCH = 16
_STEPS = 1500
_PEAK_RATE = 2e-3


def train_decoders(folder: Path, seed: int) -> dict[str, float]:
    """Train every decoder and save its weights, in half precision, to `folder`.

    Args:
        folder: gets one `<slice>.safetensors` for each decoder.
        seed: decides crops, initial weights and the order of batches.

    Returns:
        mean absolute error on the last hundred batches, of 0..1, by slice name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    crops = train_crops(seed)
    errors = {}
    for name, design in DESIGNS.items():
        torch.manual_seed(seed)
        decoder = design()
        errors[name] = _fit(decoder, crops, torch.Generator().manual_seed(seed))
        save_file(half(decoder.state_dict()), folder / f"{name}.safetensors")
    return errors


def train_crops(seed: int) -> Tensor:
    """Cut crops of the train photographs: uint8, [count, 3, 128, 128]."""
    rng = np.random.default_rng(seed)
    crops = [cut(load(photograph), _CROPS_PER_PHOTOGRAPH, rng) for photograph in of_split("train")]
    return torch.from_numpy(np.concatenate(crops)).permute(0, 3, 1, 2)


def half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Store weights in half the bytes."""
    return {key: value.half().contiguous() for key, value in state.items()}


def _fit(decoder: nn.Module, crops: Tensor, generator: torch.Generator) -> float:
    """Minimise the absolute error by Adam with a one-cycle rate."""
    optimizer = torch.optim.Adam(decoder.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _PEAK_RATE, total_steps=_STEPS)
    errors = []
    for _ in range(_STEPS):
        chosen = torch.randint(len(crops), (_BATCH,), generator=generator)
        batch = crops[chosen].float() / 255
        loss = functional.l1_loss(decoder(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        errors.append(loss.item())
    return sum(errors[-100:]) / len(errors[-100:])
