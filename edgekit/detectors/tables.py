"""The keys that the tables of several kinds share: labels, and how an image is prepared."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Literal

from edgekit.errors import InputError, one_line
from edgekit.settings import Settings
from edgekit.signature import Preprocessing, Signature, image_input

_VIEW = ("mean", "std", "resize", "resize_to", "kernel")


class Labels(Settings):
    """What the logits mean.

    Attributes:
        classes: names in the order of the logits.
        positive: the class whose probability is the score.
        threshold: a sample is called positive when its score is at or above it.
    """

    classes: tuple[str, ...]
    positive: str
    threshold: float = 0.5

    def signature(self, rule: Preprocessing, where: str) -> Signature:
        """Make the Signature of a Detector with one image input.

        Raises:
            InputError: when classes, positive class and threshold do not fit each other.
        """
        return Signature.parse(
            {
                "inputs": [image_input(rule)],
                "classes": self.classes,
                "positive": self.positive,
                "threshold": self.threshold,
            },
            where,
        )


class View(Settings):
    """Overrides of what a checkpoint's own config says about its images; None keeps that.

    Attributes:
        image_size: edge length, or height and width, pixels.
        mean: one figure per channel, for pixels in 0..1.
        std: one figure per channel, for pixels in 0..1.
        resize: see `edgekit.signature.Preprocessing`.
        resize_to: see `edgekit.signature.Preprocessing`.
        kernel: see `edgekit.signature.Preprocessing`.
    """

    image_size: int | tuple[int, int] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    resize: Literal["shortest", "longest", "squash", "none"] | None = None
    resize_to: int | None = None
    kernel: str | None = None

    def over(self, found: dict[str, Any], where: str) -> Preprocessing:
        """Lay these overrides over `found`, the fields of a Preprocessing.

        Raises:
            InputError: naming the first field that is missing or wrong.
        """
        given = {key: value for key in _VIEW if (value := getattr(self, key)) is not None}
        fields = {**found, **given}
        if self.image_size is not None:
            fields["size"] = pair(self.image_size)
            if "resize_to" in found and self.resize_to is None:
                fields["resize_to"] = _scaled(found["resize_to"], found["size"], fields["size"])
        return Preprocessing.parse(fields, where)


def pair(size: int | Iterable[int]) -> tuple[int, ...]:
    """Return height and width from an edge length or from both."""
    return (size, size) if isinstance(size, int) else tuple(size)


def at_size(rule: Preprocessing, size: tuple[int, ...]) -> Preprocessing:
    """Return the same rule for another image size; `resize_to` grows or shrinks with it."""
    fields = {**rule.to_json(), "size": size}
    fields["resize_to"] = _scaled(rule.resize_to, rule.size, size)
    return Preprocessing.parse(fields, "image size")


def _scaled(edge: int | None, old: tuple[int, ...], new: tuple[int, ...]) -> int | None:
    return None if edge is None else round(edge * min(new) / min(old))


def unknown(what: str, name: str, known: Iterable[str]) -> InputError:
    """Make the error for a name that a library does not know, with the nearest that it does."""
    near = get_close_matches(name, list(known), n=3, cutoff=0.5)
    return InputError(
        f"{what} {name!r} is unknown",
        f"Did you mean {' or '.join(near)}" if near else "Check the name",
    )


def reason(error: BaseException) -> str:
    """Return a foreign exception's first line, short enough for one of ours."""
    return one_line(str(error) or type(error).__name__)
