"""The user's cache folder: things that are made once, whole or not at all, and checked by hash."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from edgekit.files import write_whole, writing
from edgekit.hashes import sha256_tree


def cache_folder() -> Path:
    """Return edgekit's own folder in the user's cache."""
    return user_cache_path("edgekit")


def cached(kind: str, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder of the cache, made if it is not there or not as it was when it was made.

    Two processes that want the same one do not get in each other's way: the second waits. What a
    killed one left is cleared away.

    Args:
        kind: of the thing, such as `sysroots`.
        name: says everything that it depends on.
        make: fills the folder that it is given.

    Raises:
        OutputError: when the cache cannot be written.
    """
    path = cache_folder() / kind / name
    seal = path.with_name(f"{name}.sha256")
    if _is_whole(path, seal):
        return path
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{name}.lock")):
        if not _is_whole(path, seal):
            _make(path, seal, make)
    return path


def _is_whole(path: Path, seal: Path) -> bool:
    return seal.is_file() and path.is_dir() and seal.read_text() == sha256_tree(path)


def _make(path: Path, seal: Path, make: Callable[[Path], None]) -> None:
    """Fill a temporary folder, seal it and give it its name; the caller holds the lock."""
    for left in (path, *path.parent.glob(f".{path.name}.*.part")):
        shutil.rmtree(left, ignore_errors=True)
    seal.unlink(missing_ok=True)
    with writing(path):
        work = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    try:
        with writing(path):
            make(work)
            work.chmod(0o755)
            # Without a sync to the disk: what a power cut spoils does not have the hash.
            write_whole(seal, sha256_tree(work).encode())
            work.rename(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
