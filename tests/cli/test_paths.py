"""Paths as a reader would type them."""

from pathlib import Path

import pytest

from edgekit.cli.paths import here


def test_what_lies_below_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert here(tmp_path / "build" / "x") == "build/x"
    assert here("build/x") == "build/x"
    assert here(tmp_path.parent) == str(tmp_path.parent)
