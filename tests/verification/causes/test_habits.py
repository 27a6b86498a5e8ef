"""An artifact that expects other pictures than its manifest says."""

import numpy as np
import pytest
from PIL import Image

from edgekit.preprocess import preprocess
from edgekit.verification.causes.habits import find_habit

COUNT = 12


@pytest.fixture(scope="module")
def spec(signature):
    return signature.inputs[0]


@pytest.fixture(scope="module")
def images(data):
    found = [sample.paths[0] for sample in data.samples[:COUNT]]
    return {"image": [Image.open(path).convert("RGB") for path in found]}


def arrays_of(spec, images):
    read = [preprocess(image, spec.preprocessing) for image in images["image"]]
    return {"image": np.concatenate(read)}


def network(array):
    """Three logits of fixed random weights: any change of a pixel moves them."""
    weights = np.random.default_rng(1).normal(size=(array[0].size, 3)).astype(np.float32)
    return array.reshape(len(array), -1) @ weights / 100


def pixels(spec, array):
    mean, std = ranges(spec)
    return array * std + mean


def ranges(spec):
    rule = spec.preprocessing
    return (np.float32(each)[:, None, None] for each in (rule.mean, rule.std))


def finds(spec, images, artifact):
    given = arrays_of(spec, images)
    reference = network(given["image"])
    return find_habit((spec,), images, given, reference, lambda inputs: artifact(inputs["image"]))


def test_bgr_is_said(spec, images):
    mean, std = ranges(spec)
    found = finds(spec, images, lambda x: network((pixels(spec, x)[:, ::-1] - mean) / std))
    assert found is not None
    assert found.kind == "preprocessing"
    assert "colour: BGR instead of RGB" in found.what


def test_another_mean_is_said(spec, images):
    mean, std = ranges(spec)
    found = finds(spec, images, lambda x: network(((x + 1) / 2 - mean) / std))
    assert found is not None
    assert "normalize: -1 to 1" in found.what


def test_what_is_right_or_damaged_in_another_way_has_no_habit(spec, images):
    noise = np.random.default_rng(0).normal(size=(COUNT, 3)).astype(np.float32)
    assert finds(spec, images, network) is None
    assert finds(spec, images, lambda x: noise) is None
    assert finds(spec, images, lambda x: -network(x)) is None


def test_one_sample_that_happens_to_be_nearer_is_no_habit(spec, images):
    """A student that hardly sees colours: on one image alone is BGR nearer to it."""
    given = arrays_of(spec, images)["image"]
    reference = 10 * np.random.default_rng(0).normal(size=(COUNT, 2)).astype(np.float32)
    rounding = 0.02 * np.random.default_rng(1).normal(size=(COUNT, 2)).astype(np.float32)
    outlier = np.zeros_like(rounding)
    outlier[3] = 1.0

    def run(inputs):
        plain = np.array_equal(inputs["image"], given)
        return reference + (rounding + outlier if plain else 1.2 * rounding)

    assert find_habit((spec,), images, {"image": given}, reference, run) is None
