"""What the student is taught with. A new loss is one function and one line in LOSSES."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import functional

from edgekit.distillation.settings import Loss

TEMPERATURE = 2.0


@dataclass(frozen=True)
class Lesson:
    """One batch as teacher and student see it.

    Attributes:
        student_logits: [N, C].
        teacher_logits: [N, C].
        student_embedding: [N, D], projected to the teacher's dimension; None without `embed`.
        teacher_embedding: [N, D]; None without `embed`.
        labels: class indices [N].
    """

    student_logits: torch.Tensor
    teacher_logits: torch.Tensor
    student_embedding: torch.Tensor | None
    teacher_embedding: torch.Tensor | None
    labels: torch.Tensor


def logits(lesson: Lesson) -> torch.Tensor:
    """Match softened class probabilities (Hinton et al., 2015, section 2)."""
    student = functional.log_softmax(lesson.student_logits / TEMPERATURE, dim=1)
    teacher = functional.log_softmax(lesson.teacher_logits / TEMPERATURE, dim=1)
    divergence = functional.kl_div(student, teacher, reduction="batchmean", log_target=True)
    return divergence * TEMPERATURE**2


def features(lesson: Lesson) -> torch.Tensor:
    """Match the direction of the embeddings (feature distillation of CLIP-KD, 2024)."""
    assert lesson.student_embedding is not None
    assert lesson.teacher_embedding is not None
    cosine = functional.cosine_similarity(lesson.student_embedding, lesson.teacher_embedding)
    return (1.0 - cosine).mean()


def labels(lesson: Lesson) -> torch.Tensor:
    """Match the true classes."""
    return functional.cross_entropy(lesson.student_logits, lesson.labels)


LOSSES: dict[Loss, Callable[[Lesson], torch.Tensor]] = {
    "logits": logits,
    "features": features,
    "labels": labels,
}
