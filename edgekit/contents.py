"""What a file is that is no picture edgekit reads, told by its first bytes or its suffix."""

import re
from dataclasses import dataclass

HEIF_ADVICE = "convert them, or pip install pillow-heif"


@dataclass(frozen=True)
class Content:
    """One kind of file.

    Attributes:
        name: for people, with its article.
        advice: what to do about such a file.
    """

    name: str
    advice: str


_CONVERT = "Convert it to JPEG or PNG"
_REMOVE = "Remove it, or fetch the picture again"
# First bytes, as the formats' own specifications fix them, and what they mean.
_HEADS: tuple[tuple[bytes, str, str], ...] = (
    (rb".{4}ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", "HEIC", f"{_CONVERT}, or pip install "
     "pillow-heif"),
    (rb".{4}ftyp(avif|avis)", "AVIF, which this Pillow was built without", _CONVERT),
    (rb".{4}ftyp|\x1aE\xdf\xa3|RIFF.{4}AVI ", "a film", "Take single frames out of it"),
    (rb"\xff\x0a|.{4}JXL \r\n", "JPEG XL", _CONVERT),
    (rb".{4}jP  \r\n|\xff\x4f\xff\x51", "JPEG 2000", _CONVERT),
    (rb"8BPS", "a Photoshop file", _CONVERT),
    (rb"%PDF", "a PDF document", _CONVERT),
    (rb"PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!", "an archive", "Unpack it"),
    (rb"version https://git-lfs", "a Git LFS pointer", "Fetch the real file with git lfs pull"),
    (rb"\s*(<\?xml.*)?<svg", "an SVG drawing", _CONVERT),
    (rb"\s*<(!doctype|html|head|body|\?xml)", "a web page", _REMOVE),
    (rb"\s*[\[{]\s*\"", "JSON text", _REMOVE),
    (rb"\x93NUMPY", "a NumPy array", "Name it .npy, and give its input no preprocessing"),
)  # fmt: skip


def what_is(data: bytes) -> Content | None:
    """Tell what a file is from its first bytes; None where nothing is known."""
    head = data[:512]
    for pattern, name, advice in _HEADS:
        if re.match(pattern, head, re.DOTALL | re.IGNORECASE):
            return Content(name, advice)
    return None


_ADVICE = {
    HEIF_ADVICE: (".heic", ".heif", ".hif"),
    "convert them": (
        *(".jp2", ".j2k", ".jpx", ".jpf", ".jxl", ".psd", ".svg", ".pdf"),
        *(".ico", ".tga", ".pcx", ".dib", ".eps", ".exr", ".dds", ".fits"),
    ),
    "develop them": (".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf"),
    "take frames out of them": (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v"),
    "unpack them": (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar"),
}


def advice_for(suffix: str) -> str:
    """Say what to do about files of a suffix that is not read; "" where nothing is known."""
    return next((advice for advice, known in _ADVICE.items() if suffix in known), "")
