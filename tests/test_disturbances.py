"""Disturbances of real photographs."""

import numpy as np
import pytest
import skimage.data
from PIL import Image

from edgekit.dataset import open_dataset
from edgekit.disturbances import DISTURBANCES, disturbance_named
from edgekit.errors import InputError
from edgekit.signature import Preprocessing, Signature, image_input


@pytest.fixture(scope="module")
def photograph():
    return Image.fromarray(skimage.data.astronaut()[:160, 150:330])


def difference(first, second):
    return float(np.abs(np.asarray(first, dtype=float) - np.asarray(second, dtype=float)).mean())


@pytest.mark.parametrize("name", DISTURBANCES)
def test_each_gives_the_same_for_the_same_picture_and_leaves_it_as_it_was(name, photograph):
    before = photograph.copy()
    first, second = (disturbance_named(name)(photograph) for _ in range(2))
    assert first.mode == "RGB"
    assert np.array_equal(first, second)
    assert np.array_equal(photograph, before)
    if first.size == photograph.size:
        assert difference(first, photograph) > 0.1


@pytest.mark.parametrize(
    "rising",
    [
        ("jpeg 100", "jpeg 90", "jpeg 70", "jpeg 50", "jpeg 30"),
        ("blur 1", "blur 2", "blur 3"),
        ("noise 5", "noise 15"),
        ("light 0.25", "light 0.1"),
    ],
)
def test_more_of_it_changes_more(rising, photograph):
    found = [difference(disturbance_named(name)(photograph), photograph) for name in rising]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_sizes_and_directions(photograph):
    width, height = photograph.size
    assert disturbance_named("size 0.5")(photograph).size == (width // 2, height // 2)
    assert disturbance_named("size 2")(photograph).size == (2 * width, 2 * height)
    mirrored = np.asarray(disturbance_named("mirror")(photograph))
    assert np.array_equal(mirrored[:, ::-1], photograph)
    corner = np.asarray(disturbance_named("rotation +45")(photograph))[0, 0]
    assert corner.tolist() == [0, 0, 0]


def test_other_pictures_get_other_noise(photograph):
    noise = disturbance_named("noise 15")
    other = photograph.copy()
    other.putpixel((0, 0), (1, 2, 3))
    pictures = (photograph, other)
    added = [np.asarray(noise(image), dtype=int) - np.asarray(image) for image in pictures]
    assert np.mean(added[0][1:] == added[1][1:]) < 0.2


def test_an_unknown_one_lists_those_there_are():
    with pytest.raises(InputError, match="unknown disturbance 'fog'"):
        disturbance_named("fog")


def test_a_dataset_is_disturbed_before_preprocessing(photograph, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        photograph.save(tmp_path / name / "0.png")
    rule = Preprocessing(size=(64, 64))
    signature = Signature(inputs=(image_input(rule),), classes=("a", "b"), positive="b")
    data = open_dataset(tmp_path, signature)
    plain = data.read(data.samples[0])[0]
    mirrored = data.disturbed("mirror")
    assert mirrored.sha256 == data.sha256
    assert np.allclose(mirrored.read(data.samples[0])[0], plain[..., ::-1], atol=0.02)
