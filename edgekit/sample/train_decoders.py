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
_STEPS = 1800
_PEAK_RATE = 4e-3
_DETAIL_WEIGHT = 2.0
_WINDOW = 64  # of a crop's side of 128; the networks have no notion of size


def train_decoders(folder: Path, seed: int) -> dict[str, float]:
    """Train every decoder and save its weights, in half precision, to `folder`.

    Args:
        folder: gets one `<slice>.safetensors` for each decoder.
        seed: decides crops, initial weights and the order of batches.

    Returns:
        mean loss on the last hundred batches, by slice name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    crops = _train_crops(seed)
    losses = {}
    for name, design in DESIGNS.items():
        torch.manual_seed(seed)
        decoder = design()
        losses[name] = _fit(decoder, crops, torch.Generator().manual_seed(seed))
        weights = {key: value.half() for key, value in decoder.state_dict().items()}
        save_file(weights, folder / f"{name}.safetensors")
    return losses


def _train_crops(seed: int) -> Tensor:
    """Cut crops of the train photographs: uint8, [count, 3, 128, 128]."""
    rng = np.random.default_rng(seed)
    crops = [cut(load(photograph), _CROPS_PER_PHOTOGRAPH, rng) for photograph in of_split("train")]
    return torch.from_numpy(np.concatenate(crops)).permute(0, 3, 1, 2).contiguous()


def _fit(decoder: nn.Module, crops: Tensor, generator: torch.Generator) -> float:
    """Minimise the loss by Adam with a one-cycle rate."""
    optimizer = torch.optim.Adam(decoder.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _PEAK_RATE, total_steps=_STEPS)
    losses = []
    for _ in range(_STEPS):
        batch = _batch(crops, generator)
        loss = _loss(decoder(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return sum(losses[-100:]) / len(losses[-100:])


def _loss(drawn: Tensor, batch: Tensor) -> Tensor:
    """Absolute error, and error in how much fine detail there is around each place.

    The second part does what perceptual and adversarial losses do in large generators: the decoder
    must invent detail where it has lost it, rather than blur.
    """
    detail = functional.l1_loss(_detail(drawn), _detail(batch))
    return functional.l1_loss(drawn, batch) + _DETAIL_WEIGHT * detail


def _detail(images: Tensor) -> Tensor:
    """Mean absolute high-pass response over windows of 8 pixels."""
    padded = functional.pad(images, (2, 2, 2, 2), mode="reflect")
    return functional.avg_pool2d((images - functional.avg_pool2d(padded, 5, 1)).abs(), 8, 4)


def _batch(crops: Tensor, generator: torch.Generator) -> Tensor:
    """Take windows of random crops, all at one random place: float32, 0..1.

    The channels change places, or the few train photographs would teach only their own colours.
    """
    chosen = torch.randint(len(crops), (_BATCH,), generator=generator)
    top, left = torch.randint(crops.shape[-1] - _WINDOW + 1, (2,), generator=generator).tolist()
    colours = torch.randperm(crops.shape[1], generator=generator)
    windows = crops[chosen, :, top : top + _WINDOW, left : left + _WINDOW]
    return windows[:, colours].float() / 255
