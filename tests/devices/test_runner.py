"""The runner as boards get it: one file, started by itself."""

import json
import subprocess
import sys

import numpy as np
import pytest

from edgekit.devices.local import RUNNER
from edgekit.files import read_json, write_json


def start(bundle, folder, *options, **inputs):
    """Start the runner on arrays; return its exit code, its result and its logits."""
    source, target = folder / "in puts", folder / "out"
    source.mkdir(exist_ok=True)
    for name, array in inputs.items():
        np.save(source / f"{name}.npy", array)
    command = [sys.executable, "-I", str(RUNNER), str(bundle), str(source), str(target), *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    result = json.loads((target / "result.json").read_text())
    logits = target / "logits.npy"
    return done.returncode, result, np.load(logits) if logits.exists() else None


@pytest.fixture(scope="module")
def images(bundles):
    return np.load(bundles.of("x86", "fp32") / "golden" / "inputs" / "image.npy")


@pytest.mark.parametrize("target", ["x86", "android"])
def test_it_runs_every_sample_and_times_the_first(bundles, target, tmp_path, images):
    options = ("--runs", "3", "--warmup", "1", "--threads", "1")
    code, result, logits = start(bundles.of(target, "int8"), tmp_path, *options, image=images)
    assert code == 0
    assert logits.shape == (len(images), 2)
    assert logits.dtype == np.float32
    assert result["samples"] == len(images)
    assert len(result["times_ms"]) == 3
    assert min(result["times_ms"]) > 0
    assert result["peak_mem_bytes"] > 1_000_000


def test_a_runtime_that_is_not_here_is_exit_code_3(bundles, tmp_path, images):
    if sys.platform == "darwin":
        pytest.skip("Core ML is here")
    code, result, logits = start(bundles.of("iphone", "fp32"), tmp_path, image=images)
    assert (code, logits) == (3, None)
    assert result == {"error": f"Core ML executes on macOS only, this is {_system()}"}


def _system():
    import platform

    return platform.system()


def test_wrong_shapes_are_exit_code_2(bundles, tmp_path):
    wrong = np.zeros((1, 3, 9, 9), dtype=np.float32)
    code, result, _ = start(bundles.of("x86", "fp32"), tmp_path, image=wrong)
    assert code == 2
    assert "input image has shape (1, 3, 9, 9)" in result["error"]


def test_a_missing_input_is_exit_code_2(bundles, tmp_path):
    code, result, _ = start(bundles.of("x86", "fp32"), tmp_path)
    assert code == 2
    assert "image.npy" in result["error"]


def test_no_samples_are_exit_code_2(bundles, tmp_path, images):
    code, result, _ = start(bundles.of("x86", "fp32"), tmp_path, image=images[:0])
    assert code == 2
    assert "no samples" in result["error"]


def test_a_folder_that_is_no_bundle_is_exit_code_2(tmp_path, images):
    code, result, _ = start(tmp_path / "nowhere", tmp_path, image=images)
    assert code == 2
    assert "manifest.json" in result["error"]


def test_an_unknown_runner_is_exit_code_2(bundles, tmp_path, images):
    bundle = bundles.copy("x86", "fp32", tmp_path)
    write_json(bundle / "manifest.json", read_json(bundle / "manifest.json") | {"runner": "magic"})
    code, result, _ = start(bundle, tmp_path, image=images)
    assert code == 2
    assert "magic" in result["error"]


def test_it_needs_nothing_of_edgekit():
    source = RUNNER.read_text()
    assert "edgekit" not in source.replace("edgekit-", "")
    compile(source, str(RUNNER), "exec")


def test_it_is_python_3_8():
    import ast

    ast.parse(RUNNER.read_text(), feature_version=(3, 8))
