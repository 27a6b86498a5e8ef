"""The record of a finished step: its key in parts, the hash of what it left, one line about it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgekit.errors import InputError
from edgekit.files import read_json, write_json
from edgekit.steps.key import PARTS, Key

FORMAT = 2


@dataclass(frozen=True)
class Record:
    """What is kept about a step that was done.

    Attributes:
        key: everything that the result depended on.
        output: SHA-256 of what the step left.
        detail: what the step said about it.
    """

    key: Key
    output: str
    detail: str

    def write(self, path: Path) -> None:
        """Keep it.

        Raises:
            OutputError: when the place cannot be written.
        """
        write_json(path, {"format": FORMAT, **asdict(self)})


def read_record(path: Path) -> Record | None:
    """Read what was kept.

    Returns:
        None where there is nothing, or nothing that this edgekit understands: a damaged file, or
        one of another version. The step is then done again, which loses nothing.
    """
    if not path.is_file():
        return None
    try:
        found = read_json(path)
    except InputError:
        return None
    return _parsed(found) if _is_ours(found) else None


def _is_ours(found: Any) -> bool:
    return isinstance(found, dict) and found.get("format") == FORMAT and _fits(found)


def _fits(found: dict[str, Any]) -> bool:
    key, texts = found.get("key"), (found.get("output"), found.get("detail"))
    whole = isinstance(key, dict) and all(isinstance(key.get(part), dict) for part in PARTS)
    return whole and all(isinstance(text, str) for text in texts)


def _parsed(found: dict[str, Any]) -> Record:
    return Record(found["key"], found["output"], found["detail"])
