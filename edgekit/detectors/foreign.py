"""Files that hold no weights, told by their content: what one is, and what to do instead.

People name weights by a path, and what lies there is often something else: a pointer that Git LFS
left, a login page, the deployed form of the same network. A suffix says nothing about that.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from edgekit.detectors.foreign_protobuf import protobuf_kind
from edgekit.detectors.foreign_zip import zip_kind
from edgekit.errors import InputError

_SOURCE = "Name the weights that it was made from: safetensors, or a torch file of a state_dict"
_UNPACK = "Unpack it and name the weights file in it"
_AGAIN = "Download the file again, and look at it first"
_CONVERT = "Save its state_dict alone: docs/detectors.md, Weights, shows how"
PROGRAM = "a program of torch.export"

# Offset, bytes, what that is, what to do. Sources: the formats' own specifications.
_MAGIC: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"version https://git-lfs", "a Git LFS pointer, not the file itself", "Run git lfs pull"),
    (0, b"/annex/objects/", "a git-annex pointer, not the file itself", "Run git annex get"),
    (0, b"GGUF", "a GGUF file of llama.cpp", _SOURCE),
    (4, b"TFL3", "a TensorFlow Lite model", _SOURCE),
    (4, b"ET12", "an ExecuTorch program", _SOURCE),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes .h5", _SOURCE),
    (0, b"ftrt", "a TensorRT engine", _SOURCE),
    (0, b"ptrt", "a TensorRT engine", _SOURCE),
    (0, b"\x93NUMPY", "a NumPy array", _SOURCE),
    (0, b"\x1f\x8b", "a gzip archive", _UNPACK),
    (0, b"BZh", "a bzip2 archive", _UNPACK),
    (0, b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (0, b"Rar!", "a RAR archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
)
# What every file of torch.save begins with that is no zip archive (torch/serialization.py).
_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
# Protocols 2 to 5 of pickle, which begin with their number.
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
# What a folder holds that is a model of another kind.
_FOLDERS = {
    "Manifest.json": "a Core ML package",
    "coremldata.bin": "a compiled Core ML model",
    "saved_model.pb": "a TensorFlow SavedModel",
}
_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".ckpt")


@dataclass(frozen=True)
class Foreign:
    """What a file is.

    Attributes:
        what: its name, with an article.
        fix: what to do.
    """

    what: str
    fix: str


def refuse_foreign(path: Path, noun: str = "weights", but: str = "") -> None:
    """Refuse a path whose content is known to be something else.

    Args:
        path: what the settings name.
        noun: what it should be, for the message.
        but: the one kind that is welcome.

    Raises:
        InputError: when there is no such file, it is empty or a folder, or it is something else.
    """
    does, verb = ("do", "are") if noun.endswith("s") else ("does", "is")
    if path.is_dir():
        raise _folder(path, f"{noun} {path} {verb}")
    if not path.is_file():
        raise InputError(f"{noun} {path} {does} not exist", "Check the path")
    if path.stat().st_size == 0:
        raise InputError(f"{noun} {path} {verb} empty (0 bytes)", "Copy the file again")
    found = kind_of(path)
    if found is not None and found.what != but:
        raise InputError(f"{noun} {path} {verb} {found.what}", found.fix)


def kind_of(path: Path) -> Foreign | None:
    """Tell what a file is by its content; None where it may hold weights.

    Raises:
        InputError: when it cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", "Check the file") from error
    for offset, magic, what, fix in _MAGIC:
        if start[offset:].startswith(magic):
            return Foreign(what, fix)
    if start.startswith(b"PK\x03\x04"):
        return _archive(path)
    if is_safetensors(path):
        return None
    if _PICKLE.match(start) and not start.startswith(_LEGACY):
        return Foreign("pickled objects of plain Python, not a torch file", _CONVERT)
    model = protobuf_kind(path)
    return Foreign(model, _SOURCE) if model else _text(start)


def is_safetensors(path: Path) -> bool:
    """Tell whether a file begins as safetensors does: the length of a JSON object, and `{`."""
    with path.open("rb") as file:
        start = file.read(9)
    # A length above 100 MB is refused by the format itself.
    return start[8:] == b"{" and int.from_bytes(start[:8], "little") <= 100_000_000


def _archive(path: Path) -> Foreign | None:
    what = zip_kind(path)
    if what is None:
        return None
    if "TorchScript" in what:
        return Foreign(what, _CONVERT)
    if what == PROGRAM:
        return Foreign(what, "Name it by kind = 'exported' and program = ..., or save a state_dict")
    if "truncated" in what:
        return Foreign(what, "Copy or download the file again")
    return Foreign(what, _UNPACK if what.startswith("a zip archive") else _SOURCE)


def _text(start: bytes) -> Foreign | None:
    lowered = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        return Foreign("an HTML page, which a server sent in the file's place", _AGAIN)
    if lowered.startswith((b"<?xml", b"<error")):
        return Foreign("an XML document", _AGAIN)
    try:
        words = start.decode()
    except UnicodeDecodeError:
        return None
    first = (words.strip().splitlines() or [""])[0][:40]
    if len(start) < 4 or not first.isprintable() or not first:
        return None
    return Foreign(f"a text that begins with {first!r}", _AGAIN)


def _folder(path: Path, subject: str) -> InputError:
    for name, what in _FOLDERS.items():
        if (path / name).exists():
            return InputError(f"{subject} {what}", _SOURCE)
    inside = sorted(item.name for item in path.iterdir() if item.suffix in _WEIGHTS)
    what = f"a folder; in it lie {', '.join(inside[:4])}" if inside else "a folder without weights"
    return InputError(f"{subject} {what}", "Name the weights file itself")
