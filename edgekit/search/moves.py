"""Which Recipes are worth a trial: where the search starts, and which steps it takes from there."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from torch.export import ExportedProgram
from torch.fx import Node

from edgekit.calibration.operators import HEAVY, Group, group_of
from edgekit.exporters.recipe import Recipe, default_recipe
from edgekit.target import Target

# From the best Recipe so far to another one, which may be the same.
Step = Callable[[Recipe], Recipe]
_CURVED: tuple[Group, ...] = ("gelu", "silu", "hard_swish")


def baseline(target: Target) -> Recipe:
    """Return the float artifact that everything is measured against."""
    return default_recipe(target, "fp32")


def starts(
    target: Target, program: ExportedProgram, corrections: tuple[str, ...] = ()
) -> Iterator[Recipe]:
    """Yield whole-network Recipes: each integer precision that the Target can be built in.

    Args:
        target: for which device family.
        program: the float Program.
        corrections: what every int8 Recipe of the search gets.
    """
    if "int8" in target.precisions:
        yield default_recipe(target, "int8", corrections)
    if "dynamic" in target.precisions and len(dynamic_layers(target, program)) > 1:
        yield default_recipe(target, "dynamic")


def dynamic_layers(target: Target, program: ExportedProgram) -> set[str]:
    """Name the linears, if the runtime has a kernel for them that finds its scales at run time."""
    linears = {node.name for node in heavy(program) if group_of(node) == "linear"}
    return linears if "linear" in target.dynamic else set()


def heavy(program: ExportedProgram) -> list[Node]:
    """List convolutions, linears and matrix products in graph order."""
    return [node for node in program.graph.nodes if group_of(node) in HEAVY]


def speed_steps(program: ExportedProgram, slow: Sequence[str]) -> Iterator[Step]:
    """Yield steps that may make an int8 Recipe faster, the most promising first.

    Args:
        program: the float Program.
        slow: layers that a profile shows to be slower in int8 than in float, worst first.
    """
    first = heavy(program)[0].name
    # Few input channels leave integer kernels with short rows and an expensive gathering.
    yield partial(_keep_float, names=[first], name="first layer float")
    if set(slow) - {first}:
        yield partial(_keep_float, names=slow, name=f"{len(slow)} slow layers float")
    present = {group_of(node) for node in program.graph.nodes}
    for kind in _CURVED:
        if kind in present:
            yield partial(_toggle, kind=kind)
    if present & {"mul", "pool"}:
        yield _products_and_pools


def accuracy_steps(
    sensitive: Callable[[], Sequence[str]], dynamic: Callable[[str], bool]
) -> Iterator[Step]:
    """Yield steps that may bring an int8 Recipe's decisions back, the cheapest first.

    Args:
        sensitive: finds layers in the order of the error that their integers add, largest first;
            called only when the cheaper steps did not do.
        dynamic: tells whether a layer has a kernel that finds its scales at run time.
    """
    for method in ("entropy", "mse"):
        yield partial(_with_method, method=method)
    yield _gelu_in_float
    yield from free_steps()
    yield _wide_weights
    ordered, count = sensitive(), 2
    while count <= len(ordered) // 2:
        names = ordered[:count]
        if any(dynamic(name) for name in names):
            yield partial(_keep_dynamic, names=names, name=f"{count} sensitive layers dynamic")
        yield partial(_keep_float, names=names, name=f"{count} sensitive layers float")
        count *= 2


def free_steps() -> Iterator[Step]:
    """Yield steps that change weights only: the artifact stays as fast and may decide better."""
    for correction in ("bias_correction", "rounding"):
        yield partial(_corrected, correction=correction)


def _keep_float(recipe: Recipe, names: Sequence[str], name: str) -> Recipe:
    update = {
        "floats": tuple(sorted({*recipe.floats, *names})),
        "precision": "int8",
        "name": f"{recipe.name}, {name}",
    }
    return recipe.model_copy(update=update)


def _keep_dynamic(recipe: Recipe, names: Sequence[str], name: str) -> Recipe:
    return _keep_float(recipe, names, name).model_copy(update={"precision": "int8_dynamic"})


def _toggle(recipe: Recipe, kind: Group) -> Recipe:
    """Put one kind of activation function into the other number format."""
    assert recipe.scheme is not None
    now = recipe.scheme.integer_activations
    if kind in now:
        rest = tuple(item for item in now if item != kind)
        return _changed(recipe, f"{kind} in float", integer_activations=rest)
    return _changed(recipe, f"{kind} in int8", integer_activations=(*now, kind))


def _gelu_in_float(recipe: Recipe) -> Recipe:
    """Take back the one activation function whose integer form is an approximation."""
    assert recipe.scheme is not None
    approximated = "gelu" in recipe.scheme.integer_activations
    return _toggle(recipe, "gelu") if approximated else recipe


def _products_and_pools(recipe: Recipe) -> Recipe:
    assert recipe.scheme is not None
    operators = tuple(dict.fromkeys((*recipe.scheme.operators, "mul", "pool")))
    return _changed(recipe, "products and pools in int8", operators=operators)


def _wide_weights(recipe: Recipe) -> Recipe:
    """Take all 8 bits where signed weights have 7, with kernels that are right but slower."""
    assert recipe.scheme is not None
    if recipe.scheme.weights != "int7":
        return recipe
    return _changed(recipe, "weights of 8 bits", weights="uint8")


def _with_method(recipe: Recipe, method: str) -> Recipe:
    return _changed(recipe, f"ranges by {method}", method=method)


def _corrected(recipe: Recipe, correction: str) -> Recipe:
    corrections = tuple(dict.fromkeys((*recipe.corrections, correction)))
    update = {"corrections": corrections, "name": f"{recipe.name}, {correction}"}
    return recipe.model_copy(update=update)


def _changed(recipe: Recipe, name: str, **update: object) -> Recipe:
    assert recipe.scheme is not None
    scheme = recipe.scheme.model_copy(update=update)
    return recipe.model_copy(update={"scheme": scheme, "name": f"{recipe.name}, {name}"})
