"""Teach a student with a teacher's logits and features."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

import numpy as np
import torch

from edgekit.dataset import Dataset
from edgekit.decision import scores
from edgekit.detectors.detector import Detector
from edgekit.detectors.outputs import check_detector
from edgekit.detectors.score import score
from edgekit.distillation.augment import augment
from edgekit.distillation.distiller import Batch, Distiller, distiller_of
from edgekit.distillation.settings import DistillSettings
from edgekit.distillation.threshold import best_threshold
from edgekit.errors import EdgekitError
from edgekit.metrics import plain
from edgekit.progress import Progress


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
        InputError: when the feature loss is asked for a model that shows no embedding, or the
            teacher's outputs are not what its Signature says.
        EdgekitError: when training diverges.
    """
    check_detector(teacher, _seen_by(teacher, validation), "the teacher")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return _distill(teacher, student, train, validation, settings, progress)


def _distill(
    teacher: Detector,
    student: Detector,
    train: Dataset,
    validation: Dataset,
    settings: DistillSettings,
    progress: Progress | None,
) -> Detector:
    # Convolutions are trained faster with channels last; nothing else depends on the order.
    model = deepcopy(student.model).to(memory_format=torch.channels_last)
    copy = replace(student, model=model)
    distiller = distiller_of(teacher, copy, "features" in settings.losses)
    best, best_auc = deepcopy(copy.model.state_dict()), -1.0
    for _ in _epochs(distiller, teacher, student, train, settings, progress):
        copy.model.eval()
        value = _auc(copy, validation)
        if value > best_auc:
            best, best_auc = deepcopy(copy.model.state_dict()), value
        copy.model.train()
    copy.model.load_state_dict(best)
    copy.model.to(memory_format=torch.contiguous_format).eval()
    return with_best_threshold(copy, validation)


def with_best_threshold(detector: Detector, validation: Dataset) -> Detector:
    """Freeze the threshold with the best balanced accuracy on the validation set."""
    values = scores(score(detector, validation), detector.signature)
    return detector.with_threshold(best_threshold(values, validation.positives))


def _epochs(
    distiller: Distiller,
    teacher: Detector,
    student: Detector,
    train: Dataset,
    settings: DistillSettings,
    progress: Progress | None,
) -> Iterator[None]:
    """Train one epoch at a time."""
    steps = len(train) // settings.batch_size or 1
    optimizer = torch.optim.AdamW(
        distiller.learning().parameters(),
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=steps * settings.epochs, pct_start=0.2
    )
    random = np.random.default_rng(settings.seed)
    for epoch in range(settings.epochs):
        batches = _batches(teacher, student, train, settings, random)
        for step, batch in enumerate(batches):
            loss = distiller.loss(batch, settings.losses)
            if not torch.isfinite(loss):
                raise _diverged(f"in epoch {epoch + 1}")
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            if progress:
                progress(epoch * steps + step + 1, steps * settings.epochs)
        yield


def _diverged(where: str) -> EdgekitError:
    return EdgekitError(f"training diverged {where}", "Lower learning_rate in [distill]")


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
    views = [_seen_by(detector, train) for detector in ([student] if same else [teacher, student])]
    streams = [view.batches(settings.batch_size, order.tolist()) for view in views]
    for batch in zip(*streams, strict=True):
        chosen = batch[0][0]
        vary = augment(settings.augment, random)
        seen = [tuple(vary(torch.from_numpy(array)) for array in arrays) for _, arrays in batch]
        yield torch.from_numpy(train.labels[chosen]), seen[0], seen[-1]


def _seen_by(detector: Detector, data: Dataset) -> Dataset:
    if data.signature.inputs == detector.signature.inputs:
        return data
    return data.opened_for(detector.signature)


def _auc(detector: Detector, data: Dataset) -> float:
    values = scores(score(detector, data), detector.signature)
    if not np.isfinite(values).all():
        raise _diverged("on the validation set")
    return plain("auc", values, data.positives, detector.signature.threshold)
