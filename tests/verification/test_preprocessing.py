"""An app's mistakes in preprocessing, found by its tensors of real photographs."""

import numpy as np
import pytest
import skimage.data
from PIL import Image

from edgekit.preprocess import preprocess
from edgekit.signature import Preprocessing
from edgekit.verification.preprocessing import deviations, explain

RULES = {
    "clip": Preprocessing(
        size=(64, 64), mean=(0.481, 0.458, 0.408), std=(0.269, 0.261, 0.276), kernel="bicubic"
    ),
    "squash": Preprocessing(size=(48, 72), resize="squash", kernel="bilinear", colour="BGR"),
    "grey": Preprocessing(size=(64, 64), colour="L", mean=(0.5,), std=(0.25,)),
}
RULES["stored"] = Preprocessing(size=(64, 64), orientation="stored", alpha="black")
RULES["dropped"] = Preprocessing(size=(64, 64), alpha="drop")
CASES = [(name, each.name) for name, rule in RULES.items() for each in deviations(rule)]


@pytest.fixture(scope="module")
def photographs():
    names = (skimage.data.astronaut(), skimage.data.chelsea(), skimage.data.coffee())
    return [*(Image.fromarray(each) for each in names), phone(), glass()]


def phone():
    """A photograph that its file turns, as phones store it."""
    image, exif = Image.fromarray(skimage.data.rocket()), Image.Exif()
    exif[0x0112] = 6
    image.info["exif"] = exif.tobytes()
    return image


def glass():
    """A photograph behind half-transparent pixels of every strength."""
    image = Image.fromarray(skimage.data.astronaut())
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def made(read, images):
    return np.concatenate([read(image) for image in images])


@pytest.mark.parametrize("name", RULES)
def test_the_rule_itself_is_right_with_a_little_rounding(name, photographs):
    rule = RULES[name]
    given = made(lambda image: preprocess(image, rule), photographs)
    noise = np.random.default_rng(0).uniform(-1, 1, given.shape) * rule.scale / rule.std[0]
    assert explain(photographs, given, rule).to_json() == {"right": True, "p99_steps": 0.0}
    assert explain(photographs, (given + noise).astype(np.float32), rule).right


@pytest.mark.parametrize(("name", "deviation"), CASES)
def test_every_deviation_is_named(name, deviation, photographs):
    rule = RULES[name]
    planted = next(each for each in deviations(rule) if each.name == deviation)
    found = explain(photographs, made(planted.read, photographs), rule)
    assert not found.right
    assert (found.step, found.name) == (planted.step, planted.name)
    assert found.left_steps < 1e-3


def test_what_nothing_explains_is_said_to_be_unexplained(photographs):
    rule = RULES["clip"]
    given = 100 * np.random.default_rng(0).normal(size=(5, 3, 64, 64)).astype(np.float32) + 5000
    assert explain(photographs, given, rule).step in (None, "scale")
