import numpy as np
import pytest
import torch

from benchmarks.pictures import Pictures
from benchmarks.recipe import Recipe, Stage
from benchmarks.students import Student, new_detector
from benchmarks.training import train

SIDE = 64


def striped(count: int) -> Pictures:
    """Plain colours, and the same with stripes."""
    random = np.random.default_rng(0)
    colours = torch.from_numpy(random.integers(0, 150, (count, 3, 1, 1), dtype=np.uint8))
    stripes = 100 * (torch.arange(SIDE) % 4 // 2).to(torch.uint8)
    return Pictures(
        colours.expand(-1, -1, SIDE, SIDE), (colours + stripes).expand(-1, -1, SIDE, -1)
    )


def student(model: str, *stages: Stage, bfloat16: bool = False) -> Student:
    return Student(model, SIDE, Recipe(stages, rate=2e-3, bfloat16=bfloat16))


def normalised(images: torch.Tensor) -> np.ndarray:
    """As ImageNet's mean and deviation want it, nearly enough."""
    return ((images.float() / 255 - 0.45) / 0.225).numpy()


def test_a_network_learns_what_repeats_everywhere():
    wanted = student("test_efficientnet", Stage(32, 60, 8), Stage(SIDE, 5, 4))
    detector, pictures = new_detector(wanted), striped(16)
    losses = []
    train(detector, wanted.recipe, pictures, lambda *line: losses.append(line[2]))
    assert len(losses) == wanted.recipe.steps == 65
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    assert not detector.model.training
    real, fake = (
        detector.logits((normalised(images),)) for images in (pictures.real, pictures.fake)
    )
    assert (np.diff(fake)[:, 0] > np.diff(real)[:, 0]).all()


@pytest.mark.parametrize("bfloat16", [False, True])
def test_a_transformer_learns_on_small_crops_and_keeps_its_positions(bfloat16):
    wanted = student("test_vit", Stage(32, 2, 2), bfloat16=bfloat16)
    detector = new_detector(wanted)
    before = {name: tensor.clone() for name, tensor in detector.model.state_dict().items()}
    train(detector, wanted.recipe, striped(4))
    after = detector.model.state_dict()
    assert {name: (t.shape, t.dtype) for name, t in after.items()} == {
        name: (t.shape, t.dtype) for name, t in before.items()
    }
    assert not torch.equal(before["backbone.pos_embed"], after["backbone.pos_embed"])
    assert all(torch.isfinite(tensor).all() for tensor in after.values())


def test_the_same_seed_gives_the_same_weights_and_leaves_other_chance_alone():
    wanted = student("test_efficientnet", Stage(32, 2, 2))
    first, again = new_detector(wanted), new_detector(wanted)
    state = torch.get_rng_state()
    train(first, wanted.recipe, striped(4))
    assert torch.equal(state, torch.get_rng_state())
    train(again, wanted.recipe, striped(4))
    for one, other in zip(first.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_recipe_counts_its_steps_and_crops():
    recipe = Recipe((Stage(32, 3, 4), Stage(64, 2, 1)), rate=1e-3)
    assert (recipe.steps, recipe.crops) == (5, 28)
