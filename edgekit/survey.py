"""What a user should know about a dataset's files: what was left out, and where a policy mattered.

Heads are read, not pixels, but for the files that have an alpha channel: whether one of their
pixels is transparent only the pixels say.
"""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from edgekit.dataset import Dataset
from edgekit.errors import InputError
from edgekit.images import open_picture, refused
from edgekit.listing import LeftOut, printable
from edgekit.preprocess import is_transparent
from edgekit.progress import Progress
from edgekit.settings import Settings
from edgekit.signature import Preprocessing

_ORIENTATION = 0x0112  # the tag of EXIF and TIFF; 1 is upright


class Matter(Settings):
    """Files for which one step of Preprocessing matters.

    Attributes:
        kind: `orientation` (EXIF turns them), `alpha` (pixels that are not opaque) or `frames`
            (more than one frame or page).
        count: how many.
        example: path of the first one, relative to the dataset's folder.
    """

    kind: str
    count: int
    example: str


class Survey(Settings):
    """What the files of a dataset are.

    Attributes:
        samples: how many samples there are.
        pictures: how many files they are made from are pictures.
        files: how many files lie in the folder, but for what a system leaves behind by itself.
        left_out: those that are no samples.
        matters: where a policy mattered.
        notes: the same for people, one line each.
    """

    samples: int
    pictures: int
    files: int
    left_out: tuple[LeftOut, ...]
    matters: tuple[Matter, ...]
    notes: tuple[str, ...]


def survey(data: Dataset, progress: Progress | None = None) -> Survey:
    """Look at every file of a dataset.

    Args:
        data: the dataset.
        progress: called with (files seen, files in all).

    Raises:
        InputError: naming the first picture that is damaged or cannot be read.
    """
    pictures = list(_pictures(data))
    found: dict[str, list[Path]] = {"orientation": [], "alpha": [], "frames": []}
    for index, (path, _) in enumerate(pictures):
        for kind in matters_of(path):
            found[kind].append(path)
        if progress:
            progress(index + 1, len(pictures))
    matters = tuple(
        Matter(kind=kind, count=len(paths), example=_name(data.folder, paths[0]))
        for kind, paths in found.items()
        if paths
    )
    left = sum(each.count for each in data.left_out)
    files = left + sum(len(sample.paths) for sample in data.samples)
    rule = pictures[0][1] if pictures else None
    notes = [*_left_out(data.left_out, left, files), *_said(matters, len(pictures), rule)]
    return Survey(
        samples=len(data),
        pictures=len(pictures),
        files=files,
        left_out=data.left_out,
        matters=matters,
        notes=tuple(notes),
    )


def _pictures(data: Dataset) -> Iterator[tuple[Path, Preprocessing]]:
    for sample in data.samples:
        for path, spec in zip(sample.paths, data.signature.inputs, strict=True):
            if spec.preprocessing is not None:
                yield path, spec.preprocessing


def matters_of(path: Path) -> Iterator[str]:
    """Yield for which steps of Preprocessing a picture matters; see `Matter.kind`.

    Raises:
        InputError: when it is damaged or cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "Check the file") from error
    image = open_picture(data, path)
    if _turned(image):
        yield "orientation"
    if getattr(image, "is_animated", False):
        yield "frames"
    with refused(data, path):
        if is_transparent(image):
            yield "alpha"


def _turned(image: Image.Image) -> bool:
    """Say whether EXIF turns a picture; TIFF and HEIF are turned by their decoders already."""
    if image.format in ("TIFF", "HEIF"):
        return False
    try:
        # Not PNG's own, which decodes the picture to look for EXIF behind the pixels.
        return Image.Image.getexif(image).get(_ORIENTATION, 1) in range(2, 9)
    except Exception:  # EXIF is the file's own: where it is damaged, it turns nothing
        return False


def _left_out(found: tuple[LeftOut, ...], left: int, files: int) -> Iterator[str]:
    if not found:
        return
    kinds = (
        f"{each.count} {each.kind} ({each.example}{f'; {each.advice}' if each.advice else ''})"
        for each in found
    )
    yield f"{left} of {files} files are no samples: {', '.join(kinds)}"


def _said(matters: tuple[Matter, ...], pictures: int, rule: Preprocessing | None) -> Iterator[str]:
    for each in matters:
        assert rule is not None  # where there are pictures, there is a rule
        what, policy = _WORDS[each.kind], _policy(each.kind, rule)
        yield f"{each.count} of {pictures} images {what}: {policy} ({each.example})"


_WORDS = {
    "orientation": "carry an EXIF orientation",
    "alpha": "have transparent pixels",
    "frames": "have several frames or pages",
}


def _policy(kind: str, rule: Preprocessing) -> str:
    if kind == "orientation":
        turned = "they are turned upright, as viewers show them"
        return (
            turned if rule.orientation == "exif" else "it is not applied (orientation = 'stored')"
        )
    if kind == "alpha":
        dropped = "their alpha is dropped (alpha = 'drop')"
        return dropped if rule.alpha == "drop" else f"they are laid over {rule.alpha}"
    return "the first is read"


def _name(folder: Path, path: Path) -> str:
    return printable(path.relative_to(folder).as_posix())
