"""The search step: what its trials depend on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edgekit.devices.device import device_named
from edgekit.devices.runner import machine
from edgekit.steps.search import search_step, trials_key
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named

OPEN = Callable[..., Workspace]


@pytest.fixture
def keys(folder: Path, open_space: OPEN) -> Callable[..., str]:
    """Hash what a trial depends on, without looking at the steps before it."""
    ranges = folder / "build" / "calibration" / "ranges.npz"
    ranges.parent.mkdir(parents=True)
    ranges.write_bytes(b"ranges")

    def key(more: str = "", target: str = "x86") -> str:
        space, here = open_space(folder, more), device_named("local")
        return trials_key(space, search_step(space, target_named(target), here))

    return key


def test_a_longer_search_has_the_same_trials(keys: Callable[..., str]) -> None:
    assert keys() == keys("[search]\nseconds = 9\n")


def test_another_setting_set_target_student_or_machine_has_others(
    folder: Path, keys: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [keys(), keys("[search]\npairs = 9\n"), keys("[budget]\nauc = 0.5\n")]
    found += [keys("[bench]\nthreads = 2\n"), keys(target="android")]
    (folder / "v" / "sharp" / "000.png").write_bytes(b"another")
    found.append(keys())
    (folder / "student.pt2").write_bytes(b"trained on")
    found.append(keys())
    monkeypatch.setattr(machine, "_processor", lambda: "Other CPU")
    found.append(keys())
    assert len(set(found)) == len(found)
