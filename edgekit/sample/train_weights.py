"""Make every weight of the sample again: `python -m edgekit.sample.train_weights [--seed N]`."""

import argparse

import torch

from edgekit.sample import TEACHER_FOLDER, WEIGHTS_FOLDER
from edgekit.sample.train_decoders import train_decoders
from edgekit.sample.train_teacher import Fit, train_teacher


def main() -> None:
    """Train the decoders, then the teacher that tells their work from photographs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    seed = parser.parse_args().seed
    # Sums are done in the order of the threads: one thread gives the same weights every time.
    torch.set_num_threads(1)
    for name, loss in train_decoders(WEIGHTS_FOLDER, seed).items():
        print(f"{name}: loss {loss:.4f}")  # noqa: T201
    fit = train_teacher(TEACHER_FOLDER, seed, _say)
    print(f"kept epoch {fit.epoch}, validation AUC {fit.auc:.4f}")  # noqa: T201


def _say(epoch: int, fit: Fit) -> None:
    print(f"epoch {epoch}: validation AUC {fit.auc:.4f}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
