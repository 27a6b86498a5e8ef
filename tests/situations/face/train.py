"""Train `weights.safetensors` anew, a minute on one core.

python -m tests.situations.face.train
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch.nn import functional

from edgekit.sample.dataset import make_dataset
from tests.situations.face.network import CLASSES, SIDE, WEIGHTS, Face

CROPS = {"train": 160, "calibration": 0, "validation": 40, "test": 0}
EPOCHS, BATCH, RATE = 12, 32, 5e-3


def arrange(sample: Path, folder: Path) -> None:
    """Turn a split of the sample data into a folder per class."""
    folder.mkdir(parents=True)
    for name in CLASSES:
        source = sample / ("real" if name == "real" else f"fake/{name}")
        (folder / name).symlink_to(source, target_is_directory=True)


def _read(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Return BGR pixels 0 to 255 of the middle, float32 [N, 3, 80, 80], and classes."""
    images, labels = [], []
    for label, name in enumerate(CLASSES):
        for path in sorted((folder / name).iterdir()):
            image = np.asarray(Image.open(path).convert("RGB"))
            edge = (image.shape[0] - SIDE) // 2
            crop = image[edge : edge + SIDE, edge : edge + SIDE, ::-1]
            images.append(crop.transpose(2, 0, 1).astype(np.float32))
            labels.append(label)
    return torch.from_numpy(np.stack(images)), torch.tensor(labels)


def _train(network: Face, images: torch.Tensor, labels: torch.Tensor) -> None:
    weight = 1 / torch.bincount(labels).float()
    steps = EPOCHS * (len(images) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for step in range(steps):
        chosen = torch.randint(len(images), (BATCH,))
        batch = images[chosen]
        batch = batch.flip(3) if step % 2 else batch
        batch = batch.flip(2) if step % 4 > 1 else batch
        optimizer.zero_grad()
        scores = network(batch)
        functional.cross_entropy(scores, labels[chosen], weight / weight.mean()).backward()
        optimizer.step()
        schedule.step()
    network.eval()


def main() -> None:
    """Train, print the accuracy on the validation photographs, write the weights."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as scratch:
        sample = Path(scratch, "sample")
        make_dataset(sample, crops=CROPS)
        for split in ("train", "validation"):
            arrange(sample / split, Path(scratch, split))
        network = Face()
        _train(network, *_read(Path(scratch, "train")))
        images, labels = _read(Path(scratch, "validation"))
    with torch.no_grad():
        right = torch.cat([network(part) for part in images.split(64)]).argmax(1) == labels
    said = f"accuracy {right.float().mean():.3f} of {len(labels)}"
    sys.stdout.write(f"{said}\n")
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, WEIGHTS)


if __name__ == "__main__":
    main()
