"""Teach the quantized Program with the float one's logits: the last resort.

Jacob et al. (CVPR 2018), section 3.1: rounding is simulated on the way forward, and gradients pass
straight through it. The float Program is the teacher (Mishra & Marr, "Apprentice", ICLR 2018), so
no label is needed. Scales of weights follow the weights; those of activations stay.
"""

import numpy as np
import torch
from torch.fx import GraphModule, Node

from edgekit.calibration.corrections.constants import bias_of, store, stored
from edgekit.calibration.corrections.samples import Sample
from edgekit.calibration.corrections.twin import Twin
from edgekit.calibration.corrections.walk import walk
from edgekit.errors import InputError

# One sample in four decides whether the result is kept, up to this many.
_EVERY, _MOST = 4, 64


def distilled(twin: Twin) -> int:
    """Train weights and biases; keep them if samples that were not trained on agree better.

    Returns:
        the number of tensors that changed: none when nothing got better.

    Raises:
        InputError: when there are too few samples to hold some out.
    """
    if not twin.rounds:
        return 0
    held, taught = _split(twin)
    learning = _learning(twin)
    kept = [value.detach().clone() for value in learning]
    before = _distance(twin, held)
    _train(twin, learning, taught)
    better = _distance(twin, held) < before
    for value, old in zip(learning, kept, strict=True):
        value.requires_grad_(False)
        if not better:
            value.copy_(old)
    return len(learning) if better else 0


def _split(twin: Twin) -> tuple[list[Sample], list[int]]:
    """Return the samples that are held out, and the indices of those to learn from."""
    count = len(twin.samples)
    if count < _EVERY:
        raise InputError(f"distilled got {count} samples", f"Give {_EVERY} or more")
    held = range(0, count, max(_EVERY, count // _MOST))
    taught = [index for index in range(count) if index not in held]
    return [twin.samples[index] for index in held], taught


def _learning(twin: Twin) -> list[torch.Tensor]:
    """Return the weights and biases that are trained, each in a copy of its own."""
    found: list[torch.Tensor] = []
    for layer in twin.layers:
        arguments = (twin.weight(layer), bias_of(layer.simulated))
        found += [_leaf(twin.simulated, node) for node in arguments if isinstance(node, Node)]
    return found


def _leaf(graph: GraphModule, node: Node) -> torch.Tensor:
    store(graph, node, stored(graph, node))
    owner, _, name = str(node.target).rpartition(".")
    return graph.get_submodule(owner).get_buffer(name).requires_grad_()


def _distance(twin: Twin, samples: list[Sample]) -> float:
    """Return the squared distance of the logits as a share of the float ones' power."""
    with torch.no_grad():
        return float(_loss(twin, samples))


def _loss(twin: Twin, samples: list[Sample]) -> torch.Tensor:
    with torch.no_grad():
        wanted = torch.cat(walk(twin.reference, samples))
        wanted = _centred(wanted)
    got = _centred(torch.cat(walk(twin.simulated, samples)))
    return (got - wanted).square().sum() / wanted.square().sum().clamp(min=1e-12)


def _centred(logits: torch.Tensor) -> torch.Tensor:
    """Take away what all classes have in common, which decides nothing."""
    return logits - logits.mean(dim=1, keepdim=True) if logits.shape[1] > 1 else logits


def _train(twin: Twin, learning: list[torch.Tensor], taught: list[int]) -> None:
    settings = twin.settings
    rates = [settings.learning_rate * max(float(v.detach().abs().max()), 1e-3) for v in learning]
    groups = [{"params": [v], "lr": rate} for v, rate in zip(learning, rates, strict=True)]
    optimizer = torch.optim.Adam(groups)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.steps)
    random = np.random.default_rng(settings.seed)
    for _ in range(settings.steps):
        chosen = random.choice(taught, min(settings.batch_size, len(taught)), replace=False)
        optimizer.zero_grad(set_to_none=True)
        with torch.enable_grad():
            _loss(twin, [twin.samples[int(index)] for index in chosen]).backward()
        optimizer.step()
        schedule.step()
