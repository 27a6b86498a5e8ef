"""What callers give: folders or what was opened from them already, checked at once."""

from pathlib import Path

from edgekit.dataset import Dataset, open_dataset
from edgekit.errors import InputError
from edgekit.sheet import is_sheet
from edgekit.signature import Signature

Folder = str | Path


def kind(value: object) -> str:
    """Name a value's type, for messages."""
    return type(value).__name__


def path_of(value: Folder, what: str) -> Path:
    """Return a path.

    Args:
        value: what was given.
        what: it is for, for the message.

    Raises:
        InputError: when it is something else.
    """
    if not isinstance(value, str | Path):
        raise InputError(f"{what} takes a path, not {kind(value)}", "Give a str or a Path")
    return Path(value)


def images_of(given: Folder | Dataset, signature: Signature, groups: str | None = None) -> Dataset:
    """Return a Dataset as it is, and open a folder of images, or a CSV sheet, with a Signature.

    Args:
        given: the images.
        signature: of the Detector that reads them.
        groups: how the group of an image is told, `folder` or a regular expression.

    Raises:
        InputError: when there is no such folder or sheet, or nothing has a group.
    """
    if isinstance(given, Dataset):
        return given
    place = path_of(given, "images")
    if not place.is_dir() and not is_sheet(place):
        raise InputError(f"dataset folder {place} does not exist", "Name a folder of images")
    return open_dataset(place, signature, groups)
