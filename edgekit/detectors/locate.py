"""From a setting to a folder: relative to the project file, or from the Hugging Face hub."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgekit.detectors.tables import reason
from edgekit.errors import InputError

HUB = "hf-hub:"
_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def is_hub_id(model: str, base: Path) -> bool:
    """Tell whether `model` is a hub id (`hf-hub:org/name`, or `org/name` that is no folder)."""
    if model.startswith(HUB):
        return True
    return bool(_HUB_ID.fullmatch(model)) and not (base / model).exists()


def folder_of(model: str, base: Path, files: tuple[str, ...]) -> Path:
    """Return the folder that `model` names, downloading it when it is a hub id.

    Args:
        model: a folder relative to `base`, or a hub id.
        base: folder that relative paths start from.
        files: name patterns of the files to download; nothing else is.

    Raises:
        InputError: when there is no such folder and the hub does not give it.
    """
    if not is_hub_id(model, base):
        folder = base / model
        if not folder.is_dir():
            raise InputError(f"model folder {folder} does not exist", "Check the path")
        return folder
    name = model.removeprefix(HUB)
    try:
        return _download(name, files)
    except Exception as error:  # the hub's client raises its own, httpx's and the system's errors
        raise InputError(
            f"model {model!r} is no folder of {base} and cannot be had from the Hugging Face hub: "
            f"{reason(error)}",
            "Check the name, or download it where there is a network and name the folder",
        ) from error


def _download(name: str, files: tuple[str, ...]) -> Path:
    """Ask for the whole snapshot: unlike single files, it fails at once without a network."""
    from huggingface_hub import snapshot_download

    with _no_bars():
        return Path(snapshot_download(name, allow_patterns=list(files), etag_timeout=10))


@contextmanager
def _no_bars() -> Iterator[None]:
    """The library never prints, so the hub's progress bars are off while it downloads."""
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    if are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()
