"""A teacher and a student that look at the same batch, and what the student loses by it."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from edgekit.detectors.detector import Detector
from edgekit.detectors.headed import Headed
from edgekit.distillation.losses import LOSSES, Lesson
from edgekit.distillation.settings import Loss
from edgekit.errors import InputError
from edgekit.signature import Output

_LEAST = 1e-6  # the smallest probability that is told from 0
Tensors = tuple[torch.Tensor, ...]
Batch = tuple[torch.Tensor, Tensors, Tensors]


@dataclass(frozen=True)
class Distiller:
    """A student in training beside its teacher.

    Attributes:
        teacher: in eval mode.
        student: in training mode.
        projection: carries the student's embedding to the teacher's; None without feature loss.
        positive: index of the positive class.
        output: what the teacher puts out; the student puts out logits.
    """

    teacher: nn.Module
    student: nn.Module
    projection: nn.Module | None
    positive: int
    output: Output = "logits"

    def learning(self) -> nn.ModuleList:
        """Return the modules whose weights are trained."""
        return nn.ModuleList(m for m in (self.student, self.projection) if m is not None)

    def loss(self, batch: Batch, weights: Mapping[Loss, float]) -> torch.Tensor:
        """Return the weighted sum of losses over a batch.

        Args:
            batch: class indices [N], what the teacher sees, what the student sees.
            weights: by name in LOSSES.
        """
        labels, teacher_inputs, student_inputs = batch
        with torch.no_grad():
            teacher_embedding, teacher_logits = _both(self.teacher, teacher_inputs)
        student_embedding, student_logits = _both(self.student, student_inputs)
        if self.projection is not None:
            student_embedding = self.projection(student_embedding)
        lesson = Lesson(
            by_class(student_logits, self.positive),
            by_class(as_logits(teacher_logits, self.output), self.positive),
            student_embedding,
            teacher_embedding,
            labels,
        )
        return torch.stack(
            [weight * LOSSES[name](lesson) for name, weight in weights.items()]
        ).sum()


def distiller_of(teacher: Detector, student: Detector, features: bool) -> Distiller:
    """Put a student beside its teacher; the student's model will be changed.

    Args:
        teacher: a Detector of the same classes.
        student: the Detector to be trained.
        features: whether embeddings are compared too.

    Raises:
        InputError: when embeddings are to be compared and a model shows none.
    """
    projection = _projection(teacher.model, student.model) if features else None
    positive = student.signature.classes.index(student.signature.positive)
    output = teacher.signature.output
    return Distiller(teacher.model.eval(), student.model.train(), projection, positive, output)


def _projection(teacher: nn.Module, student: nn.Module) -> nn.Linear:
    if not (isinstance(teacher, Headed) and isinstance(student, Headed)):
        raise InputError(
            "the feature loss needs a teacher and a student with a head of their own",
            "Leave `features` out of [distill.losses]",
        )
    return nn.Linear(student.head.in_features, teacher.head.in_features)


def as_logits(outputs: torch.Tensor, output: Output) -> torch.Tensor:
    """Return logits of the same probabilities.

    Args:
        outputs: logits or probabilities [N, C], or a score [N, 1].
        output: which of them.
    """
    if output == "logits":
        return outputs
    if outputs.shape[1] == 1:
        return torch.logit(outputs, eps=_LEAST)
    return outputs.clamp(min=_LEAST).log()


def by_class(logits: torch.Tensor, positive: int) -> torch.Tensor:
    """Give a lone positive logit the other class's beside it, which is 0: the same probability.

    Args:
        logits: [N, C], or [N, 1] of two classes.
        positive: index of the class that a lone logit speaks of.
    """
    if logits.shape[1] != 1:
        return logits
    columns = [torch.zeros_like(logits), logits]
    return torch.cat(columns if positive else columns[::-1], dim=1)


def _both(model: nn.Module, inputs: Tensors) -> tuple[torch.Tensor | None, torch.Tensor]:
    """Return embedding and logits with one pass through the backbone."""
    if isinstance(model, Headed):
        embedding = model.embed(*inputs)
        return embedding, model.head(embedding)
    return None, model(*inputs)
