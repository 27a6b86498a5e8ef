"""Records of finished steps: written and read back, and what is none is left alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from edgekit.steps.key import PARTS
from edgekit.steps.record import FORMAT, Record, read_record

KEY: dict[Any, dict[str, Any]] = {part: {"a": 1} for part in PARTS}


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = Record(KEY, "00ff", "a thing")
    record.write(tmp_path / "thing.json")
    assert read_record(tmp_path / "thing.json") == record


@pytest.mark.parametrize(
    "change",
    [
        {"format": FORMAT + 1},
        {"format": None},
        {"key": "0" * 64},
        {"key": {"input": {}}},
        {"key": {**KEY, "code": []}},
        {"output": None},
        {"detail": 3},
    ],
)
def test_another_versions_record_is_none(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "thing.json"
    Record(KEY, "00ff", "a thing").write(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert read_record(path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\xff"])
def test_a_damaged_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "thing.json").write_bytes(text.encode("latin-1"))
    assert read_record(tmp_path / "thing.json") is None


def test_there_may_be_no_record(tmp_path: Path) -> None:
    assert read_record(tmp_path / "thing.json") is None
