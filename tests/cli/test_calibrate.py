"""`edgekit calibrate`: what it says about the images that it was given."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.small_project import Edgekit

MODEL = """
import torch
from torch import nn


def build() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
"""
PROJECT = """
[project]
name = "rows"

[detector]
kind = "factory"
factory = "model.py:build"
checkpoint = "weights.safetensors"

[detector.signature]
classes = ["a", "b"]
positive = "b"

[[detector.signature.inputs]]
name = "row"
shape = [1, 4]
layout = "ANY"

[data]
calibration = "data/calibration"
test = "data/test"

[targets.x86]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "edgekit.toml").write_text(PROJECT)
    space: dict = {}
    exec(MODEL, space)  # the same code that the project's factory runs
    torch.manual_seed(0)
    save_file(space["build"]().state_dict(), tmp_path / "weights.safetensors")
    random = np.random.default_rng(0)
    for split in ("calibration", "test"):
        for name in ("a", "b"):
            folder = tmp_path / "data" / split / name
            folder.mkdir(parents=True)
            for index in range(6):
                np.save(folder / f"{index}.npy", random.normal(size=4).astype(np.float32))
    return tmp_path


def test_coverage_is_told_and_kept(project: Path, edgekit: Edgekit) -> None:
    first = edgekit("calibrate", "--json", cwd=project).json
    assert first["samples"] == first["coverage"]["samples"] == 12
    assert first["coverage"]["data_sha256"] == first["data_sha256"]
    verdict = first["coverage"]["notes"][0]
    assert "last quarter" in verdict
    again = edgekit("calibrate", cwd=project)
    assert "reused" in again.err
    assert verdict in again.err
    assert verdict in again.out


def test_few_images_are_allowed_and_called_few(project: Path, edgekit: Edgekit) -> None:
    for path in (project / "data" / "calibration").rglob("[1-5].npy"):
        path.unlink()
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 0, answer.err
    assert "2 samples are too few" in answer.out


def test_an_array_of_the_wrong_size(project: Path, edgekit: Edgekit) -> None:
    np.save(project / "data" / "calibration" / "a" / "3.npy", np.zeros(5, np.float32))
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    assert "3.npy has shape (5,), input 'row' wants (1, 4)" in answer.complaint


def test_weights_that_give_infinity(project: Path, edgekit: Edgekit) -> None:
    weights = {name: torch.full_like(tensor, 3e38) for name, tensor in _weights(project).items()}
    save_file(weights, project / "weights.safetensors")
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    assert "NaN or infinite" in answer.complaint


def _weights(project: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(project / "weights.safetensors")


def test_no_fewer_than_one_worker(project: Path, edgekit: Edgekit) -> None:
    assert edgekit("calibrate", "--workers", "0", cwd=project).code == 2


def test_a_test_image_that_calibration_saw(project: Path, edgekit: Edgekit) -> None:
    data = project / "data"
    shutil.copy(data / "calibration" / "a" / "2.npy", data / "test" / "b" / "other.npy")
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    seen, twin = Path("calibration", "a", "2.npy"), Path("test", "b", "other.npy")
    assert f"{seen} of the calibration set is the same file as" in answer.complaint
    assert str(twin) in answer.complaint


def test_the_test_folder_given_for_calibration(project: Path, edgekit: Edgekit) -> None:
    path = project / "edgekit.toml"
    path.write_text(path.read_text().replace("data/calibration", "data/test"))
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    assert "0.npy of the calibration set is in the test set too" in answer.complaint
