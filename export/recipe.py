"""A Recipe: how one artifact is made from a student, as data.

`edgekit export` takes the Target's own Recipe of a precision; the precision search writes others.
"""

from typing import Annotated

from pydantic import Field
from torch.export import ExportedProgram

from edgekit.calibration.corrections.registry import repair
from edgekit.calibration.corrections.samples import Images
from edgekit.calibration.quantize import quantize, quantize_weights
from edgekit.calibration.rewrites import rewritten
from edgekit.calibration.scheme import SCHEMES, Scheme
from edgekit.errors import InputError
from edgekit.exporters.student import Student
from edgekit.settings import Settings
from edgekit.target import Buildable, Precision, Target


class Recipe(Settings):
    """How one artifact is made.

    Attributes:
        precision: `int8` has integer activations with calibrated scales; `dynamic` has int8 weights
            and finds the scales of activations at run time; `weight_only` stores int8 weights and
            computes in float. `int8_dynamic` is `int8` with `dynamic` linears where layers would
            stay float.
        scheme: for `int8` and `int8_dynamic`.
        floats: layers that the scheme leaves out, by their names in the float Program.
        rewrites: names in `calibration/rewrites`, for what stays float.
        corrections: names in `calibration/corrections` that are fitted to the quantized Program.
        name: for people.
    """

    precision: Buildable
    scheme: Scheme | None = None
    floats: tuple[str, ...] = ()
    rewrites: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    name: Annotated[str, Field(min_length=1)]


def default_recipe(
    target: Target, precision: Precision, corrections: tuple[str, ...] = ()
) -> Recipe:
    """Return what `edgekit export` builds when nothing was searched.

    Raises:
        InputError: for `auto`, which only a search can answer.
    """
    if precision == "auto":
        raise InputError(
            f"precision auto of target {target.name} needs a search", "Give the Recipe it found"
        )
    if precision != "int8":
        return Recipe(precision=precision, rewrites=target.rewrites, name=precision)
    scheme = SCHEMES[target.scheme]
    return Recipe(precision="int8", scheme=scheme, corrections=corrections, name="int8")


def lower(student: Student, recipe: Recipe, folded: bool) -> ExportedProgram:
    """Return the Program that a runtime builds from.

    Args:
        student: its float Program, Ranges and calibration samples.
        recipe: how to make the artifact.
        folded: whether the runtime wants quantized weights as integers.

    Raises:
        InputError: when the Ranges are of another Program, or a correction is unknown.
    """
    if recipe.scheme is not None:
        return _quantized(student, recipe, recipe.scheme, folded)
    changed = rewritten(student.program, recipe.rewrites)
    weights = recipe.precision == "weight_only" and folded
    return quantize_weights(changed) if weights else changed


def _quantized(student: Student, recipe: Recipe, scheme: Scheme, folded: bool) -> ExportedProgram:
    made = quantize(student.program, student.ranges, scheme, folded, recipe.floats)
    if not recipe.corrections:
        return made
    fitted = repair(student.program, made, recipe.corrections, Images(student.data))
    return quantize(fitted, student.ranges, scheme, folded, recipe.floats)
