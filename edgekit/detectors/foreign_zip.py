"""Zip archives: torch files are some, and so are many other things."""

import zipfile
from pathlib import Path


def zip_kind(path: Path) -> str | None:
    """Tell what a zip archive is by the names in it; None where it is a file of `torch.save`."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        size = path.stat().st_size
        return f"a truncated or damaged torch file or zip archive of {size} bytes"
    return _by_names(names, path)


def _by_names(names: list[str], path: Path) -> str | None:
    # torch puts everything under one folder, named after the file.
    inner = {name.partition("/")[2] for name in names}
    if "constants.pkl" in inner or any(name.startswith("code/") for name in inner):
        return "a TorchScript archive"
    if any(name.startswith("models/") for name in inner) or _is_old_program(names):
        return "a program of torch.export"
    if "data.pkl" in inner:
        return None
    if "model.weights.h5" in names:
        return "a Keras model"
    if any("Manifest.json" in name for name in names):
        return "a zipped Core ML package"
    if names and all(name.endswith(".npy") for name in names):
        return "NumPy arrays (.npz)"
    files = [name for name in names if not name.endswith("/")]
    first = f", the first {files[0]!r}" if files else ""
    return f"a zip archive of {len(files)} files{first}"


def _is_old_program(names: list[str]) -> bool:
    """Recognise what torch before 2.7 wrote: the graph lies at the root."""
    return any(name.endswith("serialized_exported_program.json") for name in names)
