"""Files that appear whole or not at all."""

import errno
import glob
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit.errors import InputError, OutputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WRITE_FAULTS = {
    errno.ENOSPC: ("the disk is full", "Free some space or choose another folder"),
    errno.EDQUOT: ("the disk quota is used up", "Free some space or choose another folder"),
    errno.EROFS: ("the file system is read-only", "Choose a folder you can write to"),
    errno.EACCES: ("permission denied", "Choose a folder you can write to"),
    errno.EPERM: ("permission denied", "Choose a folder you can write to"),
    errno.ENOTDIR: ("a part of the path is a file", "Choose another folder"),
    errno.EEXIST: ("a part of the path is a file", "Choose another folder"),
    errno.EISDIR: ("a folder stands there", "Choose another name"),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter name"),
    errno.EFBIG: ("the file is larger than the system allows", "Choose another folder"),
}


def write_fault(number: int | None) -> tuple[str, str] | None:
    """Return what an error number of a write means and what to do; None for any other error."""
    return _WRITE_FAULTS.get(number) if number is not None else None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the faults of a full, read-only or forbidden place into an OutputError.

    Args:
        path: what is being written, for the message.

    Raises:
        OutputError: when the operating system refuses the write.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _WRITE_FAULTS:
            raise
        cause, fix = _WRITE_FAULTS[error.errno]
        raise OutputError(f"cannot write {path}: {cause}", fix) from error


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a temporary sibling to fill; rename it to `path` when the block ends well.

    What stood at `path` is replaced as a whole. When the block raises (ctrl-C included), nothing
    of the new folder stays and the old one is untouched.

    Args:
        path: the folder to make. Its name must not be a symbolic link.

    Yields:
        the temporary folder.
    """
    with writing(path):
        if path.is_symlink():
            raise OutputError(f"cannot write {path}: it is a symbolic link", "Name a real folder")
        if path.is_file():
            raise OutputError(f"cannot write {path}: it is a file", "Name another folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        work = _beside(path, ".part")
    try:
        with writing(path):
            yield work
            work.chmod(0o755)
            _sync_tree(work)
            _swap(work, path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _swap(work: Path, path: Path) -> None:
    """Put `work` where `path` is; the old one goes away only after the new one stands."""
    if not path.exists():
        work.rename(path)
        return
    old = _beside(path, ".old")
    try:
        path.rename(old / "old")
        work.rename(path)
    except BaseException:
        _restore(old, path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _restore(old: Path, path: Path) -> None:
    """Move back what `_swap` had moved away, unless the new one stands already."""
    if (old / "old").exists() and not path.exists():
        (old / "old").rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _prefix(path: Path) -> str:
    """Name what is temporary beside `path`: hidden, and telling which process it belongs to."""
    return f".{path.name}.{os.getpid()}."


def _beside(path: Path, suffix: str) -> Path:
    """Make a temporary folder next to `path`."""
    return Path(tempfile.mkdtemp(prefix=_prefix(path), suffix=suffix, dir=path.parent))


def _sweep(path: Path) -> None:
    """Clear what killed processes left beside `path`; put back an old folder they had moved."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.*"):
        owner = left.name.removeprefix(f".{path.name}.").partition(".")[0]
        if left.suffix not in (".part", ".old") or not owner.isdigit() or _is_alive(int(owner)):
            continue
        if left.is_file():
            left.unlink(missing_ok=True)
        else:
            _restore(left, path)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync_tree(folder: Path) -> None:
    """Force the folder's files to the disk, so that a power cut cannot leave them empty."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file by way of a temporary sibling and a rename.

    Raises:
        OutputError: when the place cannot take it; an older file at `path` is then untouched.
    """
    with writing(path):
        if path.is_symlink():
            raise OutputError(f"cannot write {path}: it is a symbolic link", "Name a real file")
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)


def save_array(path: Path, array: "NDArray[Any]") -> None:
    """Write an array as `numpy.save` does, whose own write does not say when the disk is full."""
    import numpy as np

    contiguous = np.asarray(array, order="C")
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, np.lib.format.header_data_from_array_1_0(contiguous)
        )
        file.write(contiguous.data)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys, whole or not at all."""
    text = json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n"
    write_whole(path, text.encode())


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        InputError: when it is missing, unreadable or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist", "Check the path") from error
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} is not readable JSON: {reason}", "Make it again") from error
