"""Train a student from nothing, on one core, in minutes.

Small random crops come first: a decoder's traces repeat every few pixels, so a crop of 64 shows
them as well as the whole picture does and costs a tenth. A batch holds the same crop of a picture
and of its fake, varied alike, so that what the picture shows cancels out of the gradient. Last
comes a short stretch at full size, and batch norms are measured anew there.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.pictures import Pictures
from benchmarks.recipe import Recipe, Stage
from benchmarks.whiten import whiten
from edgekit.detectors.detector import Detector
from edgekit.detectors.headed import Headed
from edgekit.detectors.timm_network import Architecture, build
from edgekit.distillation.augment import augment

METHOD = 1  # goes up when the same recipe gives other weights than before
_NORM_BATCHES, _NORM_PAIRS = 12, 16
_VARIATIONS = ("mirror", "rotate", "colour")
# Convolutions train faster with channels last, but torch 2.14 writes outside its memory in the
# backward pass of these networks then.
_CHANNELS_FIRST = ("fastvit",)

Progress = Callable[[int, int, float], None]


def train(
    detector: Detector, recipe: Recipe, pictures: Pictures, progress: Progress | None = None
) -> None:
    """Train a Detector's model where it is; it is in eval mode before and afterwards.

    Args:
        detector: untrained, of kind timm, with one square image input.
        recipe: says how.
        pictures: of the train split.
        progress: called with steps done, steps in all, and the last loss.
    """
    view = _View(detector, pictures, np.random.default_rng(recipe.seed))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = _elastic(detector)
        _start(model, view)
        _run(model.train().to(memory_format=view.order), recipe, view, progress)
        _measure_norms(model, view)
    detector.model.load_state_dict(model.state_dict())


class _View:
    """Batches as the network takes them."""

    def __init__(self, detector: Detector, pictures: Pictures, random: np.random.Generator) -> None:
        rule = detector.signature.inputs[0].preprocessing
        assert rule is not None  # students take images
        self.side = rule.size[0]
        first = str(detector.architecture["model"]).startswith(_CHANNELS_FIRST)
        self.order = torch.contiguous_format if first else torch.channels_last
        self.mean, self.std = (torch.tensor(v)[:, None, None] for v in (rule.mean, rule.std))
        self.pictures, self.random = pictures, random

    def batch(self, side: int, pairs: int) -> tuple[Tensor, Tensor]:
        """Return images, float32 [2 * pairs, 3, side, side], and labels, 1 for fake."""
        vary = augment(_VARIATIONS, self.random)
        halves = [
            vary((crops.float() / 255 - self.mean) / self.std)
            for crops in self.pictures.crops(side, pairs, self.random)
        ]
        images = torch.cat(halves).contiguous(memory_format=self.order)
        return images, torch.arange(2).repeat_interleave(pairs)


def _elastic(detector: Detector) -> Headed:
    """Build the same network so that it takes pictures of any size, with the same weights."""
    architecture = detector.architecture
    if _is_transformer(detector.model):
        # Position embeddings are then resampled on the way; their own shape stays.
        options = {**Architecture.parse(architecture, "the student").options}
        architecture = {**architecture, "options": options | {"dynamic_img_size": True}}
    model = build(architecture)
    model.load_state_dict(detector.model.state_dict())
    return model


def _is_transformer(model: nn.Module) -> bool:
    """Tell whether the network begins with an embedding of patches and adds positions to it."""
    return hasattr(getattr(model, "backbone", None), "pos_embed")


def _start(model: Headed, view: _View) -> None:
    """Give the network first filters that show faint detail beside strong contrasts."""
    first = next(module for module in model.modules() if isinstance(module, nn.Conv2d))
    images, _ = view.batch(min(view.side, 128), 128)
    whiten(first, images)


def _run(model: Headed, recipe: Recipe, view: _View, progress: Progress | None) -> None:
    """Take every step of every stage, under one schedule."""
    optimizer = torch.optim.AdamW(model.parameters(), recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.rate, total_steps=recipe.steps, pct_start=0.2
    )
    for number, stage in enumerate(_each_step(recipe), start=1):
        loss = _loss(model, recipe, *view.batch(stage.side, stage.pairs))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if progress:
            progress(number, recipe.steps, loss.item())


def _each_step(recipe: Recipe) -> Iterator[Stage]:
    for stage in recipe.stages:
        for _ in range(stage.steps):
            yield stage


def _loss(model: Headed, recipe: Recipe, images: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each crop, and of telling which one of a pair is the fake.

    The second is the logistic loss of RankNet (Burges et al. 2005): what the two crops show alike
    has no part in it.
    """
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
        logits = model(images).float()
    real, fake = (logits[:, 1] - logits[:, 0]).chunk(2)
    return functional.cross_entropy(logits, labels) + functional.softplus(real - fake).mean()


@torch.no_grad()
def _measure_norms(model: Headed, view: _View) -> None:
    """Measure the means and variances of batch norms anew, with the last weights at full size."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
    for _ in range(_NORM_BATCHES if norms else 0):
        model(view.batch(view.side, _NORM_PAIRS)[0])
