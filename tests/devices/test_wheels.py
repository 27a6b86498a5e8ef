import zipfile

import pytest

from edgekit.devices.wheels import Board, wheels_for
from edgekit.errors import UnavailableError

PI = Board("aarch64", "Linux", "3.11", "2.36")


def test_a_board_takes_wheels_for_its_c_library_and_older_ones():
    assert PI.platforms[0] == "manylinux_2_36_aarch64"
    assert "manylinux_2_17_aarch64" in PI.platforms
    assert "manylinux_2_39_aarch64" not in PI.platforms


def test_a_mac_takes_wheels_for_its_system():
    assert Board("arm64", "Darwin", "3.12", "14.5").platforms == ["macosx_14_0_arm64"]


@pytest.mark.parametrize("board", [Board("x86_64", "Linux", "3.11", ""), Board("a", "B", "3", "1")])
def test_a_board_without_wheels_is_told_what_to_do(board):
    assert board.platforms == []
    with pytest.raises(UnavailableError, match='runtime = "own"'):
        wheels_for(board, "litert")


@pytest.mark.slow
def test_wheels_are_for_the_board(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wheels = wheels_for(PI, "litert")
    assert all("aarch64" in wheel.name and zipfile.is_zipfile(wheel) for wheel in wheels)
    assert {wheel.name.split("-")[0] for wheel in wheels} == {"ai_edge_litert", "numpy"}


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["riscv64", "armv6l"])
def test_a_processor_that_no_wheel_is_made_for(tmp_path, monkeypatch, machine):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(UnavailableError, match=f"made for Linux on {machine} with Python 3.11"):
        wheels_for(Board(machine, "Linux", "3.11", "2.36"), "onnxruntime")
