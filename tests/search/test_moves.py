"""Where the search starts and which steps it takes."""

import pytest

from edgekit.search.moves import accuracy_steps, baseline, free_steps, heavy, speed_steps, starts
from edgekit.search.trial import key_of
from edgekit.target import target_named

TARGET = target_named("x86")


@pytest.fixture
def int8(program):
    return next(iter(starts(TARGET, program)))


def test_it_starts_from_whole_networks(program):
    assert baseline(TARGET).precision == "fp32"
    names = [recipe.name for recipe in starts(TARGET, program)]
    assert names == ["int8"]  # one linear layer: nothing for dynamic int8 to win
    assert not list(starts(TARGET.model_copy(update={"precisions": ("fp32",)}), program))


def test_what_the_project_corrects_is_corrected_in_every_integer_trial(program):
    recipe = next(starts(TARGET, program, ("equalize",)))
    assert recipe.corrections == ("equalize",)
    steps = [*speed_steps(program, []), *accuracy_steps(list, lambda name: False)]
    assert all("equalize" in step(recipe).corrections for step in steps)


def test_speed_steps_change_the_recipe_and_its_name(program, int8):
    names = [node.name for node in heavy(program)]
    slow = names[2:4]
    recipes = [step(int8) for step in speed_steps(program, slow)]
    assert recipes[0].floats == (names[0],)
    assert set(recipes[1].floats) == set(slow)
    assert {"mul", "pool"} <= set(recipes[-1].scheme.operators)
    assert len({key_of(recipe) for recipe in recipes}) == len(recipes)
    assert len({recipe.name for recipe in recipes}) == len(recipes)


def test_steps_add_up(program, int8):
    recipe = int8
    for step in speed_steps(program, [heavy(program)[3].name]):
        recipe = step(recipe)
    assert len(recipe.floats) == 2
    assert "pool" in recipe.scheme.operators


def test_accuracy_steps_keep_more_and_more_sensitive_layers_float(program, int8):
    names = [node.name for node in heavy(program)]
    recipes = [step(int8) for step in accuracy_steps(lambda: names, lambda name: False)]
    floats = [set(recipe.floats) for recipe in recipes if recipe.floats]
    assert [len(each) for each in floats] == [2, 4, 8]
    assert floats[1] == set(names[:4])
    assert len({recipe.scheme.method for recipe in [int8, *recipes]}) == 3
    corrections = [recipe.corrections for recipe in recipes if recipe.corrections]
    assert corrections == [("bias_correction",), ("rounding",)]


def test_sensitive_linears_become_dynamic_before_they_become_float(program, int8):
    names = [node.name for node in heavy(program)]
    steps = accuracy_steps(lambda: names, {names[1]}.__contains__)
    recipe, kept = int8, []
    for step in steps:
        recipe = step(recipe)
        kept.append((recipe.precision, len(recipe.floats)))
    sizes = [(kind, size) for size in (2, 4, 8) for kind in ("int8_dynamic", "int8")]
    assert [each for each in kept if each[1]] == sizes


def test_layers_are_found_only_when_cheaper_steps_did_not_do(int8):
    def fail():
        raise AssertionError

    assert next(accuracy_steps(fail, bool))(int8).scheme.method == "entropy"


def test_free_steps_leave_the_graph_as_it_is(int8):
    for step in free_steps():
        recipe = step(int8)
        assert recipe.corrections
        assert recipe.model_copy(update={"corrections": (), "name": int8.name}) == int8


def test_a_step_that_changes_nothing_gives_the_same_key(program, int8):
    recipes = [step(int8) for step in accuracy_steps(list, lambda name: False)]
    assert key_of(int8) in {key_of(recipe) for recipe in recipes}  # no gelu to take back


@pytest.mark.parametrize(("target", "tried"), [("x86", {"uint8"}), ("x86-vnni", set())])
def test_narrow_weights_are_also_tried_in_8_bits(program, target, tried):
    recipe = next(starts(target_named(target), program))
    found = [step(recipe).scheme.weights for step in accuracy_steps(list, lambda name: False)]
    assert set(found) - {recipe.scheme.weights} == tried
