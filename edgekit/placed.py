"""A file of a dataset with what its folders or a CSV sheet say of it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Placed:
    """Where one file belongs.

    Attributes:
        path: the file.
        name: its path inside the dataset, with `/`.
        label: the name of its class.
        slice: its slice, "" for none.
        group: its group, None for none.
    """

    path: Path
    name: str
    label: str
    slice: str = ""
    group: str | None = None
