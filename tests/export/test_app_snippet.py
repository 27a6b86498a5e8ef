"""The code that docs/bundles.md shows to app developers does what edgekit does."""

import re
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from edgekit.inputs import read_input
from edgekit.signature import Preprocessing, image_input

PAGE = Path(__file__).parents[2] / "docs" / "bundles.md"


@pytest.fixture(scope="module")
def tensor():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    space = {}
    exec(code, space)  # our own page's
    return space["tensor"]


@pytest.fixture
def files(tmp_path):
    """A photograph as a camera, a phone, a drawing program and a messenger leave it."""
    photograph = Image.fromarray(skimage.data.chelsea()).crop((90, 40, 271, 173))
    exif = Image.Exif()
    exif[0x0112] = 6
    glass = photograph.copy()
    glass.putalpha(Image.linear_gradient("L").resize(glass.size))
    photograph.save(tmp_path / "camera.jpg")
    photograph.save(tmp_path / "phone.jpg", exif=exif)
    glass.save(tmp_path / "drawing.png")
    photograph.quantize(64).save(tmp_path / "palette.png", transparency=3)
    photograph.save(tmp_path / "moving.webp", save_all=True, append_images=[photograph.rotate(90)])
    return sorted(tmp_path.iterdir())


@pytest.mark.parametrize(
    "rule",
    [
        {"size": (48, 64), "resize_to": 70},
        {"size": (65, 65), "colour": "BGR", "mean": (0.1, 0.2, 0.3), "std": (0.2, 0.3, 0.4)},
        {"size": (48, 64), "resize": "squash", "kernel": "bilinear", "alpha": "black"},
        {"size": (32, 32), "colour": "L", "scale": 1.0},
        {"size": (32, 32), "orientation": "stored", "alpha": "drop"},
    ],
)
def test_an_app_makes_the_same_tensors(tensor, files, rule):
    spec = image_input(Preprocessing(**rule))
    assert spec.preprocessing is not None
    for path in files:
        found = tensor(path, spec.preprocessing.to_json())
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, read_input(path, spec), atol=1e-5)


def test_a_manifest_without_the_keys_means_stored_and_dropped(tensor, files):
    spec = image_input(Preprocessing(size=(32, 32), orientation="stored", alpha="drop"))
    assert spec.preprocessing is not None
    old = {
        k: v for k, v in spec.preprocessing.to_json().items() if k not in ("orientation", "alpha")
    }
    for path in files:
        np.testing.assert_allclose(tensor(path, old), read_input(path, spec), atol=1e-6)
