"""What works here is tried, not guessed."""

import sys
from pathlib import Path

import pytest

from edgekit import doctor
from edgekit.devices.runner.sessions.onnxruntime import saturates


def test_a_package_that_does_not_import_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_one.py").write_text("raise ImportError('libfoo.so is missing')")
    (tmp_path / "crashing_one.py").write_text("import os\nos.abort()")
    (tmp_path / "good_one.py").write_text("print('noise')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    faults = doctor._import_faults(["good_one", "broken_one", "crashing_one", "json"])
    assert faults == {
        "good_one": "",
        "broken_one": "libfoo.so is missing",
        "crashing_one": "importing it crashes or hangs",
        "json": "",
    }


def test_what_is_missing_comes_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "_PACKAGES", (("no-such-thing", "no_such_thing", "nothing"),))
    finding = doctor.examine().findings[0]
    assert not finding.works
    assert finding.install == "pip install no-such-thing"


@pytest.mark.skipif(sys.platform == "darwin", reason="Core ML executes on macOS")
def test_core_ml_is_not_claimed_off_macos() -> None:
    finding = doctor._core_ml()
    assert not finding.works
    assert "macOS only" in finding.detail


def test_system_tools_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, body in (("good", "echo good 1.2"), ("bad", "exit 3")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert doctor._tool("good", "x", (), "y").detail == "good 1.2 (x)"
    assert not doctor._tool("bad", "x", (), "y").works
    assert doctor._tool("absent-tool", "x", (), "y").install == "y"


def test_products_of_8_bits_are_tried() -> None:
    finding = doctor._products()
    assert finding.works is not saturates()
    assert ("saturate" in finding.detail) is saturates()
