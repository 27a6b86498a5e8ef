"""What goes into a Detector and what its answer means: the Signature.

It travels from the teacher's own configuration through the student into every bundle's manifest,
so that an app preprocesses and decides exactly as the float model did.
"""

from keyword import iskeyword
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edgekit.settings import Settings

OUTPUT = "logits"
Layout = Literal["NCHW", "NHWC", "ANY"]
# A class is a folder of the dataset and a line of labels.txt, so it is no path and no line break.
ClassName = Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f.][^/\\\x00-\x1f]*$")]


class Preprocessing(Settings):
    """The way from an encoded image to one input, step by step in this order.

    Decode to `colour`, resize by `resize` with `kernel`, crop or pad to `size` around the centre,
    multiply by `scale`, subtract `mean`, divide by `std`.

    Attributes:
        size: height and width of the input, pixels.
        resize: `shortest` (shortest edge to `resize_to`, then centre crop), `longest` (longest edge
            to fit `size`, then pad with `fill`), `squash` (both edges, ratio not kept), `none`
            (centre crop only; smaller images are padded with `fill`).
        resize_to: edge length for `shortest`, pixels; the smaller of `size` when left out.
        kernel: resampling kernel with antialiasing, as Pillow defines it.
        colour: channel order.
        scale: factor from 0..255 to the range that `mean` and `std` speak of.
        mean: one figure per channel, after scaling.
        std: one figure per channel, after scaling.
        fill: value of padded pixels, 0..255.
    """

    size: tuple[Annotated[int, Field(gt=0, le=8192)], Annotated[int, Field(gt=0, le=8192)]]
    resize: Literal["shortest", "longest", "squash", "none"] = "shortest"
    resize_to: Annotated[int, Field(gt=0, le=8192)] | None = None
    kernel: Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] = "bicubic"
    colour: Literal["RGB", "BGR", "L"] = "RGB"
    scale: Annotated[float, Field(gt=0)] = 1 / 255
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[Annotated[float, Field(gt=0)], ...] = (1.0, 1.0, 1.0)
    fill: Annotated[int, Field(ge=0, le=255)] = 0

    @property
    def channels(self) -> int:
        """Number of colour channels."""
        return 1 if self.colour == "L" else 3

    @model_validator(mode="after")
    def _one_figure_per_channel(self) -> Self:
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

    The model returns logits, float32 [N, len(classes)], or [N, 1] with the positive class's alone.

    Attributes:
        inputs: one or several, in the order of the model's arguments.
        classes: names in the order of the logits.
        positive: the class whose probability is the score.
        threshold: a sample is called positive when its score is at or above it.
    """

    inputs: Annotated[tuple[Input, ...], Field(min_length=1)]
    classes: Annotated[tuple[ClassName, ...], Field(min_length=2)]
    positive: str
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5

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


def image_input(rule: Preprocessing, name: str = "image") -> Input:
    """Make the input that `rule` fills."""
    return Input(name=name, shape=(1, rule.channels, *rule.size), preprocessing=rule)
