"""The photographs of the sample, each with its licence and the split it belongs to.

All of them lie in the scikit-image wheel. Left out: what is no photograph (drawings, scans of
text, computed images), what is smaller than a crop, and what is not plainly CC0 or public domain
(`coins`, `ihc`, `lfw_subset`, `moon`, `motorcycle_left` and `motorcycle_right`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Split = Literal["train", "calibration", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "calibration", "validation", "test")


@dataclass(frozen=True)
class Photograph:
    """One photograph and where it comes from.

    Attributes:
        name: short name; the crops' file names begin with it.
        file: file name inside `skimage/data` of the scikit-image wheel.
        split: the only split its crops go to.
        licence: `CC0-1.0` or `public domain`.
        author: who took or released it.
        source: where scikit-image says that it has it from.
        grey: whether it has one channel only.
    """

    name: str
    file: str
    split: Split
    licence: str
    author: str
    source: str
    grey: bool = False


_CC0, _PUBLIC = "CC0-1.0", "public domain"
_GIVEN = "given to scikit-image by the photographer"

PHOTOGRAPHS: tuple[Photograph, ...] = (
    Photograph("astronaut", "astronaut.png", "train", _PUBLIC, "NASA", "https://flic.kr/p/r9qvLn"),
    Photograph("coffee", "coffee.png", "train", _CC0, "Rachel Michetti", _GIVEN),
    Photograph(
        "grass",
        "grass.png",
        "train",
        _CC0,
        "linolafett",
        "https://www.deviantart.com/linolafett/art/Grass-01-434853879",
        grey=True,
    ),
    Photograph(
        "brick",
        "brick.png",
        "train",
        _CC0,
        "CC0 Textures",
        "https://cc0textures.com/view.php?tex=Bricks25",
        grey=True,
    ),
    Photograph(
        "hubble",
        "hubble_deep_field.jpg",
        "calibration",
        _PUBLIC,
        "NASA",
        "http://hubblesite.org/newscenter/archive/releases/2012/37/image/a/",
    ),
    Photograph(
        "clock",
        "clock_motion.png",
        "calibration",
        _PUBLIC,
        "Stefan van der Walt",
        _GIVEN,
        grey=True,
    ),
    Photograph(
        "retina",
        "retina.jpg",
        "validation",
        _CC0,
        "Mikael Häggström",
        "https://commons.wikimedia.org/wiki/File:Fundus_photograph_of_normal_left_eye.jpg",
    ),
    Photograph(
        "gravel",
        "gravel.png",
        "validation",
        _CC0,
        "CC0 Textures",
        "https://cc0textures.com/view.php?tex=Gravel04",
        grey=True,
    ),
    Photograph("chelsea", "chelsea.png", "test", _CC0, "Stefan van der Walt", _GIVEN),
    Photograph("camera", "camera.png", "test", _CC0, "Lav Varshney", _GIVEN, grey=True),
    # Put into the public domain by SpaceX in March 2015, as scikit-image records; its page at
    # Flickr has shown other terms since, which cannot take a dedication back.
    Photograph(
        "rocket",
        "rocket.jpg",
        "test",
        _PUBLIC,
        "SpaceX",
        "https://www.flickr.com/photos/spacexphotos/16511594820/",
    ),
)


def of_split(split: Split) -> list[Photograph]:
    """Return the photographs of one split, in their fixed order."""
    return [photograph for photograph in PHOTOGRAPHS if photograph.split == split]


def path_of(photograph: Photograph) -> Path:
    """Return where the installed scikit-image keeps the photograph."""
    from skimage import data

    return Path(data.__file__).parent / photograph.file


def load(photograph: Photograph) -> "NDArray[np.uint8]":
    """Read the pixels: uint8, [height, width, 3]; a grey photograph has three equal channels.

    Raises:
        OSError: when the installed scikit-image lacks the file.
    """
    import numpy as np
    from PIL import Image

    with Image.open(path_of(photograph)) as image:
        return np.asarray(image.convert("RGB"))
