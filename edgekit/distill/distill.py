"""Teach a student with a teacher's logits and features."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edgekit.dataset import Dataset, open_dataset
from edgekit.decision import scores
from edgekit.detectors.detector import Detector
from edgekit.detectors.headed import Headed
from edgekit.distill.augment import augment
from edgekit.distill.losses import LOSSES, Lesson
from edgekit.distill.settings import DistillSettings
from edgekit.distill.threshold import best_threshold
from edgekit.errors import EdgekitError, InputError
from edgekit.verify.metrics import auc
from edgekit.verify.score import score

Progress = Callable[[int, int], None]
Batch = tuple[torch.Tensor, tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]


@dataclass(frozen=True)
class _Pair:
    """A student in training beside its teacher, with what carries one embedding to the other."""

    teacher: nn.Module
    student: nn.Module
    projection: nn.Module | None


def distill(
    teacher: Detector,
    student: Detector,
    train: Dataset,
    validation: Dataset,
    settings: DistillSettings,
    progress: Progress | None = None,
) -> Detector:
    """Teach `student`, keep its best epoch on the validation set, and freeze its threshold there.

    Args:
        teacher: the model to learn from; not changed.
        student: an untrained Detector; not changed.
        train: samples to learn on, with labels.
        validation: samples to choose epoch and threshold on; never the test set.
        settings: see `DistillSettings`.
        progress: called with (steps done, steps in all).

    Returns:
        the trained student.

    Raises:
        InputError: when the feature loss is asked for a model that shows no embedding.
        EdgekitError: when training diverges.
    """
    torch.manual_seed(settings.seed)
    pair = _pair(teacher, deepcopy(student.model), settings)
    best, best_auc = None, -1.0
    for _ in _epochs(pair, teacher, student, train, settings, progress):
        current = Detector(pair.student.eval(), student.signature, student.architecture)
        value = _auc(current, validation)
        if value > best_auc:
            best, best_auc = deepcopy(pair.student.state_dict()), value
        pair.student.train()
    assert best is not None
    pair.student.load_state_dict(best)
    trained = Detector(pair.student.eval(), student.signature, student.architecture)
    return with_best_threshold(trained, validation)


def with_best_threshold(detector: Detector, validation: Dataset) -> Detector:
    """Freeze the threshold with the best balanced accuracy on the validation set."""
    values = scores(score(detector, validation), detector.signature)
    return detector.with_threshold(best_threshold(values, validation.positives))


def _pair(teacher: Detector, student: nn.Module, settings: DistillSettings) -> _Pair:
    projection = None
    if "features" in settings.losses:
        if not (isinstance(teacher.model, Headed) and isinstance(student, Headed)):
            raise InputError(
                "the feature loss needs a teacher and a student with a head of their own",
                "Leave `features` out of [distill.losses]",
            )
        projection = nn.Linear(student.head.in_features, teacher.model.head.in_features)
    return _Pair(teacher.model.eval(), student.train(), projection)


def _epochs(
    pair: _Pair,
    teacher: Detector,
    student: Detector,
    train: Dataset,
    settings: DistillSettings,
    progress: Progress | None,
) -> Iterator[None]:
    """Train one epoch at a time."""
    modules = nn.ModuleList(m for m in (pair.student, pair.projection) if m is not None)
    steps = len(train) // settings.batch_size or 1
    optimizer = torch.optim.AdamW(
        modules.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=steps * settings.epochs, pct_start=0.2
    )
    random = np.random.default_rng(settings.seed)
    for epoch in range(settings.epochs):
        batches = _batches(teacher, student, train, settings, random)
        for step, batch in enumerate(batches):
            loss = _loss(pair, batch, settings)
            if not torch.isfinite(loss):
                raise EdgekitError(
                    f"training diverged in epoch {epoch + 1}", "Lower learning_rate in [distill]"
                )
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            if progress:
                progress(epoch * steps + step + 1, steps * settings.epochs)
        yield


def _batches(
    teacher: Detector,
    student: Detector,
    train: Dataset,
    settings: DistillSettings,
    random: np.random.Generator,
) -> Iterator[Batch]:
    """Yield labels with what the teacher and the student see, shuffled and augmented alike."""
    order = random.permutation(len(train))[
        : max(1, len(train) // settings.batch_size) * settings.batch_size
    ]
    same = teacher.signature.inputs == student.signature.inputs
    views = [train] if same else [_seen_by(teacher, train), train]
    streams = [view.batches(settings.batch_size, order.tolist()) for view in views]
    for batch in zip(*streams, strict=True):
        chosen = batch[0][0]
        turn = augment(settings.augment, random)
        seen = [tuple(turn(torch.from_numpy(array)) for array in arrays) for _, arrays in batch]
        yield torch.from_numpy(train.labels[chosen]), seen[0], seen[-1]


def _seen_by(detector: Detector, data: Dataset) -> Dataset:
    return open_dataset(data.folder, detector.signature)


def _loss(pair: _Pair, batch: Batch, settings: DistillSettings) -> torch.Tensor:
    labels, teacher_inputs, student_inputs = batch
    with torch.no_grad():
        teacher_embedding, teacher_logits = _both(pair.teacher, teacher_inputs)
    student_embedding, student_logits = _both(pair.student, student_inputs)
    if pair.projection is not None:
        student_embedding = pair.projection(student_embedding)
    lesson = Lesson(student_logits, teacher_logits, student_embedding, teacher_embedding, labels)
    terms = [weight * LOSSES[name](lesson) for name, weight in settings.losses.items()]
    return torch.stack(terms).sum()


def _both(
    model: nn.Module, inputs: tuple[torch.Tensor, ...]
) -> tuple[torch.Tensor | None, torch.Tensor]:
    """Return embedding and logits with one pass through the backbone."""
    if isinstance(model, Headed):
        embedding = model.embed(*inputs)
        return embedding, model.head(embedding)
    return None, model(*inputs)


def _auc(detector: Detector, data: Dataset) -> float:
    values = scores(score(detector, data), detector.signature)
    positives: NDArray[np.bool_] = data.positives
    return float(auc(values, positives, 0.5, np.ones((1, len(values))))[0])
