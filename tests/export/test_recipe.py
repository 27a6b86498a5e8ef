"""Recipes: how an artifact is made, as data."""

import pytest

from edgekit.calibration.layers import layer_precisions
from edgekit.calibration.scheme import SCHEMES
from edgekit.errors import InputError
from edgekit.exporters.recipe import Recipe, default_recipe, lower
from edgekit.manifest import read_manifest
from edgekit.target import target_named, targets

X86 = target_named("x86")


def int8_layers(program):
    return {name for name, how in layer_precisions(program, "int8").items() if how == "int8"}


def test_every_precision_of_every_target_has_a_recipe_but_auto():
    for target in targets().values():
        for precision in set(target.precisions) - {"auto"}:
            recipe = default_recipe(target, precision)
            assert recipe.precision == recipe.name == precision
            assert (recipe.scheme is not None) == (precision == "int8")
    with pytest.raises(InputError, match="precision auto of target x86 needs a search"):
        default_recipe(X86, "auto")


def test_a_recipe_survives_json():
    recipe = default_recipe(X86, "int8", ("bias_correction",))
    recipe = recipe.model_copy(update={"floats": ("conv2d", "linear")})
    assert Recipe.parse(recipe.to_json(), "here") == recipe


def test_layers_named_by_a_recipe_stay_float(made):
    recipe = default_recipe(X86, "int8")
    whole = int8_layers(lower(made, recipe, folded=True))
    one = recipe.model_copy(update={"floats": ("conv2d_2",)})
    rest = int8_layers(lower(made, one, folded=True))
    assert rest < whole


def test_float_recipes_place_no_pairs(made):
    for precision in ("fp32", "fp16", "dynamic"):
        assert not int8_layers(lower(made, default_recipe(X86, precision), folded=True))


def test_weights_are_stored_as_integers_where_the_runtime_wants_them(made):
    recipe = default_recipe(X86, "weight_only")
    targets_of = {
        folded: {str(node.target) for node in lower(made, recipe, folded).graph.nodes}
        for folded in (True, False)
    }
    assert any("dequantize_per_channel" in name for name in targets_of[True])
    assert not any("quantize_per_channel" in name for name in targets_of[False])


def test_the_manifest_holds_the_whole_recipe(bundles):
    manifest = read_manifest(bundles.of("x86", "int8"))
    recipe = Recipe.parse(manifest.recipe, "manifest")
    assert recipe == default_recipe(X86, "int8")
    assert recipe.scheme == SCHEMES["onnxruntime"]
    assert manifest.calibration.method == recipe.scheme.method
