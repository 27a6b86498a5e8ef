"""Projects around a network of a few lines, trained for seconds on crops of photographs."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import skimage.data
import torch
from PIL import Image, ImageFilter
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from edgekit.dataset import open_dataset
from edgekit.signature import Signature

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")
SPLITS = {"calibration": 0, "test": 1}  # seeds of their crops
BUDGET = {"auc": 1.0, "ap": 1.0, "accuracy": 1.0, "flips": 0.01}


def write_project(
    folder: Path,
    code: str,
    blurs: Mapping[str, float],
    side: int = 64,
    count: int = 16,
    steps: int = 150,
    budget: Mapping[str, float] = BUDGET,
    **signature: object,
) -> Path:
    """Write data, trained weights, `model.py` and `edgekit.toml`.

    Args:
        folder: where to.
        code: of `model.py`, with `make(end: bool)`: the network with what stands behind its logits,
            or without.
        blurs: each class with the blur of its crops, pixels; the last one is positive.
        side: of the input, pixels.
        count: crops of each class and split.
        steps: of training.
        budget: of the project.
        signature: further keys of the Signature.
    """
    for split, seed in SPLITS.items():
        write_crops(folder / "data" / split, blurs, count, seed)
    preprocessing = {"size": [side, side], "resize": "squash", "mean": [0.5] * 3, "std": [0.5] * 3}
    image = {"name": "image", "shape": [1, 3, side, side], "preprocessing": preprocessing}
    classes = list(blurs)
    table = {"inputs": [image], "classes": classes, "positive": classes[-1], **signature}
    (folder / "model.py").write_text(code)
    told = Signature.parse({**table, "output": "logits"}, "the test")
    network = _trained(code, folder, told, steps)
    save_file(network.state_dict(), folder / "weights.safetensors")
    (folder / "edgekit.toml").write_text(_project(table, budget))
    return folder


def write_crops(folder: Path, blurs: Mapping[str, float], count: int, seed: int) -> None:
    """Write `count` crops of photographs for each class."""
    random = np.random.default_rng(seed)
    for name, blur in blurs.items():
        (folder / name).mkdir(parents=True)
        for index in range(count):
            image = getattr(skimage.data, PHOTOGRAPHS[index % len(PHOTOGRAPHS)])()
            top, left = (int(random.integers(edge - 64)) for edge in image.shape[:2])
            crop = Image.fromarray(image[top : top + 64, left : left + 64])
            crop.filter(ImageFilter.GaussianBlur(blur)).save(folder / name / f"{index:03d}.png")


def _trained(code: str, folder: Path, signature: Signature, steps: int) -> nn.Module:
    """Train the network without what stands behind its logits, on the calibration crops."""
    space: dict = {}
    exec(code, space)  # the same code that the project's factory runs
    torch.manual_seed(0)
    network = space["make"](end=False).train()
    data = open_dataset(folder / "data" / "calibration", signature)
    (_, arrays), labels = next(data.batches(len(data))), torch.from_numpy(data.labels)
    batch = [torch.from_numpy(array) for array in arrays]
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    for _ in range(steps):
        optimizer.zero_grad()
        functional.cross_entropy(_both(network(*batch)), labels).backward()
        optimizer.step()
    return network.eval()


def _both(logits: torch.Tensor) -> torch.Tensor:
    alone = logits.shape[1] == 1
    return torch.cat([torch.zeros_like(logits), logits], dim=1) if alone else logits


def _project(table: dict, budget: Mapping[str, float]) -> str:
    lines = ['[project]\nname = "small"\n']
    lines += ['[detector]\nkind = "factory"\nfactory = "model.py:make"']
    lines += ['checkpoint = "weights.safetensors"']
    lines += [f"signature = {_inline(table)}\n"]
    lines += ['[data]\ncalibration = "data/calibration"\ntest = "data/test"\n']
    lines += ["[budget]", *(f"{name} = {value}" for name, value in budget.items())]
    return "\n".join([*lines, "", "[targets.x86]", "[targets.android]", ""])


def _inline(value: object) -> str:
    """Write a value as TOML on one line; what is no table is written as JSON does."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_inline(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)
