"""A project around a student of the user's own code, with crops of photographs."""

from pathlib import Path

import skimage
from PIL import Image

from tests.small_project import Answer

PROJECT = """
[project]
name = "parts"
[detector]
kind = "factory"
factory = "model.py:build"
arguments = {{ part = "{part}" }}
[detector.signature]
classes = ["real", "fake"]
positive = "fake"
[[detector.signature.inputs]]
name = "{name}"
shape = [1, 3, 32, 32]
preprocessing = {{ size = [32, 32], resize = "none" }}
[data]
calibration = "data/calibration"
test = "data/test"
[budget]
auc = 1.0
ap = 1.0
accuracy = 1.0
flips = 1.0
[targets.x86]
[targets.android]
[targets.jetson]
[targets.iphone]
accept = "compiled"
"""


def _write_crops(folder: Path, photograph: str) -> None:
    image = Image.open(Path(skimage.__file__).parent / "data" / photograph).convert("RGB")
    for place, name in enumerate(["real", "fake"]):
        (folder / name).mkdir(parents=True)
        for index in range(4):
            left = 40 * index + 180 * place
            image.crop((left, 40, left + 32, 72)).save(folder / name / f"{index}.png")


def write_project(folder: Path, code: str, part: str, name: str = "image") -> Path:
    """Write a project; `build(part)` in the code makes the student, `name` is its input's."""
    for split, photograph in {"calibration": "coffee.png", "test": "chelsea.png"}.items():
        _write_crops(folder / "data" / split, photograph)
    (folder / "model.py").write_text(code)
    (folder / "edgekit.toml").write_text(PROJECT.format(part=part, name=name))
    return folder


def bundle_of(answer: Answer) -> Path:
    """Return the bundle that an export made."""
    assert answer.code == 0, answer.err
    return Path(answer.json["bundles"][0]["path"])
