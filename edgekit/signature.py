"""What goes into a Detector and what its answer means: the Signature.

It travels from the teacher's own configuration through the student into every bundle's manifest,
so that an app preprocesses and decides exactly as the float model did.
"""

from keyword import iskeyword
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from edgekit.settings import Json, Settings

OUTPUT = "logits"
Layout = Literal["NCHW", "NHWC", "ANY"]
Output = Literal["logits", "probabilities", "score"]
# A class is a folder of the dataset and a line of labels.txt, so it is no path and no line break.
ClassName = Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f.][^/\\\x00-\x1f]*$")]


class Preprocessing(Settings):
    """The way from an encoded image to one input, step by step in this order.

    Decode the first frame or page, turn by `orientation`, lay over `alpha`, convert to `colour`,
    resize by `resize` with `kernel`, crop or pad to `size` around the centre, multiply by `scale`,
    subtract `mean`, divide by `std`.

    Attributes:
        size: height and width of the input, pixels.
        resize: `shortest` (shortest edge to `resize_to`, then centre crop), `longest` (longest edge
            to fit `size`, then pad with `fill`), `squash` (both edges, ratio not kept), `none`
            (centre crop only; smaller images are padded with `fill`).
        resize_to: edge length for `shortest`, pixels; the smaller of `size` when left out.
        kernel: resampling kernel with antialiasing, as Pillow defines it.
        colour: channel order; `L` is one channel of grey (ITU-R 601: 0.299 R + 0.587 G + 0.114 B).
        scale: factor from 0..255 to the range that `mean` and `std` speak of.
        mean: one figure per channel, after scaling; one alone counts for all channels; 0 when left
            out.
        std: one figure per channel, after scaling; one alone counts for all channels; 1 when left
            out.
        fill: value of padded pixels, 0..255.
        orientation: `exif` (turned upright by the file's EXIF orientation, as every viewer shows
            it), or `stored` (the rows as they lie in the file).
        alpha: what half-transparent pixels lie over, `white` or `black`; or `drop`: alpha is taken
            away, and colours that nobody sees come out.
    """

    size: tuple[Annotated[int, Field(gt=0, le=8192)], Annotated[int, Field(gt=0, le=8192)]]
    resize: Literal["shortest", "longest", "squash", "none"] = "shortest"
    resize_to: Annotated[int, Field(gt=0, le=8192)] | None = None
    kernel: Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] = "bicubic"
    colour: Literal["RGB", "BGR", "L"] = "RGB"
    scale: Annotated[float, Field(gt=0)] = 1 / 255
    mean: tuple[float, ...] = ()
    std: tuple[Annotated[float, Field(gt=0)], ...] = ()
    fill: Annotated[int, Field(ge=0, le=255)] = 0
    orientation: Literal["exif", "stored"] = "exif"
    alpha: Literal["white", "black", "drop"] = "white"

    @property
    def channels(self) -> int:
        """Number of colour channels."""
        return 1 if self.colour == "L" else 3

    @model_validator(mode="before")
    @classmethod
    def _values_for_the_colour(cls, value: Any) -> Any:
        """Repeat a figure that stands alone, and one that is left out, for every channel."""
        if not isinstance(value, dict):
            return value
        channels = 1 if value.get("colour") == "L" else 3
        figures = {"mean": value.get("mean", 0.0), "std": value.get("std", 1.0)}
        alone = {name: each for name, each in figures.items() if isinstance(each, int | float)}
        return {**value, **figures, **{name: (each,) * channels for name, each in alone.items()}}

    @model_validator(mode="after")
    def _one_value_per_channel(self) -> Self:
        if not len(self.mean) == len(self.std) == self.channels:
            raise ValueError(f"mean and std need {self.channels} figures for {self.colour}")
        return self


class Input(Settings):
    """One input of the model.

    Attributes:
        name: the name in files, bundles and the runner; not `logits`, which the output is called.
        shape: with the batch dimension first, which is 1.
        dtype: NumPy name of the element type.
        layout: what the dimensions mean; `ANY` for anything but an image.
        preprocessing: from an image file to this input; None when samples are `.npy` arrays that
            hold the input as it is.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "image"
    shape: tuple[Annotated[int, Field(gt=0)], ...]
    dtype: Literal["float32"] = "float32"
    layout: Layout = "NCHW"
    preprocessing: Preprocessing | None = None

    @model_validator(mode="after")
    def _name_is_free(self) -> Self:
        if self.name == OUTPUT:
            raise ValueError(f"an input cannot be called {OUTPUT!r}, as the output of bundles is")
        if self.name == "self" or iskeyword(self.name):
            raise ValueError(f"an input cannot be called {self.name!r}, a word of Python's own")
        return self

    @model_validator(mode="after")
    def _shape_fits(self) -> Self:
        if self.shape[0] != 1:
            raise ValueError(f"the batch dimension must be 1, not {self.shape[0]}")
        rule = self.preprocessing
        if rule is None:
            return self
        if self.layout != "NCHW":
            raise ValueError("an input made from images has layout NCHW")
        if self.shape[1:] != (rule.channels, *rule.size):
            raise ValueError(
                f"shape {self.shape} is not what preprocessing makes: "
                f"{(1, rule.channels, *rule.size)}"
            )
        return self


class Signature(Settings):
    """Inputs, classes and the frozen operating point of a Detector.

    The model returns float32 [N, len(classes)], or [N, 1] that speaks of the positive class alone.

    Attributes:
        inputs: one or several, in the order of the model's arguments.
        classes: names in the order of the output's columns.
        positive: the class whose probability is the score.
        threshold: a sample is called positive when its score is at or above it.
        output: what the model puts out: `logits` (any figures, [N, C] or [N, 1]), `probabilities`
            ([N, C], in 0..1, rows sum to 1) or `score` ([N, 1], in 0..1: the probability of the
            positive class).
    """

    inputs: Annotated[tuple[Input, ...], Field(min_length=1)]
    classes: Annotated[tuple[ClassName, ...], Field(min_length=2)]
    positive: str
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    output: Output = "logits"

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> Json:
        """Leave out what older versions do not know and mean: manifests keep their hash."""
        fields: Json = write(self)
        if self.output == "logits":
            fields.pop("output", None)
        return fields

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        if self.positive not in self.classes:
            raise ValueError(f"positive class {self.positive!r} is not among {self.classes}")
        names = [item.name for item in self.inputs]
        if len(set(names)) != len(names) or len(set(self.classes)) != len(self.classes):
            raise ValueError("input names and classes must differ from each other")
        return self

    def with_threshold(self, threshold: float) -> "Signature":
        """Return the same Signature with another operating point."""
        return self.model_copy(update={"threshold": threshold})


def as_recorded(signature: Any) -> Any:
    """Complete a Signature that was written down before `orientation` and `alpha` were fields.

    What was made then was made from pictures as they are stored and without their alpha, and it
    means that for good.

    Args:
        signature: as read from a manifest or a `detector.json`; anything else passes unchanged.
    """
    inputs = signature.get("inputs") if isinstance(signature, dict) else None
    if not isinstance(inputs, list | tuple):
        return signature
    return {**signature, "inputs": [_as_recorded(each) for each in inputs]}


def _as_recorded(spec: Any) -> Any:
    rule = spec.get("preprocessing") if isinstance(spec, dict) else None
    if not isinstance(rule, dict):
        return spec
    return {**spec, "preprocessing": {"orientation": "stored", "alpha": "drop", **rule}}


def image_input(rule: Preprocessing, name: str = "image") -> Input:
    """Make the input that `rule` fills."""
    return Input(name=name, shape=(1, rule.channels, *rule.size), preprocessing=rule)
