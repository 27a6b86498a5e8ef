"""The keys that the tables of several kinds share: labels, and how an image is prepared."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal

from edgekit.errors import InputError, one_line
from edgekit.settings import ForeignJson, Settings
from edgekit.signature import Preprocessing, Signature, image_input

_VIEW = ("mean", "std", "resize", "resize_to", "kernel", "colour", "orientation", "alpha")


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
        mean: one figure per channel or one for all, for pixels in 0..1.
        std: one figure per channel or one for all, for pixels in 0..1.
        resize: see `edgekit.signature.Preprocessing`.
        resize_to: see `edgekit.signature.Preprocessing`.
        kernel: see `edgekit.signature.Preprocessing`.
        colour: see `edgekit.signature.Preprocessing`. With `L`, figures that the config gives for
            three channels become their mean.
        orientation: see `edgekit.signature.Preprocessing`.
        alpha: see `edgekit.signature.Preprocessing`.
    """

    image_size: int | tuple[int, int] | None = None
    mean: tuple[float, ...] | float | None = None
    std: tuple[float, ...] | float | None = None
    resize: Literal["shortest", "longest", "squash", "none"] | None = None
    resize_to: int | None = None
    kernel: str | None = None
    colour: Literal["RGB", "BGR", "L"] | None = None
    orientation: Literal["exif", "stored"] | None = None
    alpha: Literal["white", "black", "drop"] | None = None

    def over(self, found: ForeignJson, where: str) -> Preprocessing:
        """Lay these overrides over `found`, the fields of a Preprocessing.

        Raises:
            InputError: naming the first field that is missing or wrong.
        """
        given = {key: value for key in _VIEW if (value := getattr(self, key)) is not None}
        fields = {**(_grey(found) if self.colour == "L" else found), **given}
        if self.image_size is not None:
            fields["size"] = height_and_width(self.image_size)
            if "resize_to" in found and self.resize_to is None:
                fields["resize_to"] = _scaled(found["resize_to"], found["size"], fields["size"])
        return Preprocessing.parse(fields, where)


def _grey(found: ForeignJson) -> ForeignJson:
    """Turn figures for three channels into one for grey, as grey itself is a mean of the three."""
    figures = {key: found[key] for key in ("mean", "std") if len(found.get(key, ())) == 3}
    return {**found, **{key: sum(each) / 3 for key, each in figures.items()}}


def refuse_grey(rule: Preprocessing, where: str) -> None:
    """Refuse one channel of grey for a tower that was trained on three of colour.

    Raises:
        InputError: when `colour` is `L`.
    """
    if rule.colour == "L":
        raise InputError(
            f"{where}: colour 'L' gives one channel, a CLIP tower takes three",
            "Leave colour out: grey pictures become three equal channels by themselves",
        )


def height_and_width(size: int | Iterable[int]) -> tuple[int, ...]:
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
