"""The runner as boards get it: one file, started by itself."""

import json
import subprocess
import sys

import numpy as np
import onnx
import pytest

from edgekit.devices.archive import write_runner
from edgekit.devices.runner.timing import QUADS
from edgekit.files import read_json, write_json

# A session that can do no more than it must.
MINE = """
import numpy as np

class Mine:
    version = "mine 1"
    def __init__(self, path, names, threads, plain): pass
    def inputs(self): return []
    def run(self, arrays): return np.zeros((1, 2), np.float32)
    def ready(self, arrays): return lambda: None
"""


def start(bundle, folder, *options, **inputs):
    """Start the runner on arrays; return its exit code, its result and its logits."""
    source, target = folder / "in puts", folder / "out"
    source.mkdir(exist_ok=True)
    for name, array in inputs.items():
        np.save(source / f"{name}.npy", array)
    runner = write_runner(folder)
    command = [sys.executable, "-I", str(runner), str(bundle), str(source), str(target), *options]
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


def test_two_bundles_take_turns_in_one_process(bundles, tmp_path, images):
    options = ("--runs", "20", "--warmup", "1", "--against", str(bundles.of("android", "fp32")))
    code, result, _ = start(bundles.of("x86", "int8"), tmp_path, *options, image=images[:1])
    assert code == 0
    blocks = result["timing"]["pair"]
    assert len(blocks["own"]) == len(blocks["other"]) == 2 * QUADS
    assert sum(map(len, blocks["own"])) == sum(map(len, blocks["other"])) == 20
    assert len(result["times_ms"]) == 20


def test_the_other_bundle_must_be_one(bundles, tmp_path, images):
    options = ("--runs", "2", "--against", str(tmp_path / "nowhere"))
    code, result, _ = start(bundles.of("x86", "int8"), tmp_path, *options, image=images[:1])
    assert code == 2
    assert "nowhere" in result["error"]


@pytest.mark.parametrize("target", ["x86", "android"])
def test_plain_kernels_compute_the_same_function(bundles, target, tmp_path, images):
    bundle = bundles.of(target, "fp32")
    code, result, plain = start(bundle, tmp_path, "--plain", image=images)
    assert code == 0, result
    _, _, fast = start(bundle, tmp_path, image=images)
    assert np.allclose(plain, fast, atol=1e-4)


@pytest.mark.parametrize(
    ("target", "kind"), [("x86", "Conv"), ("intel", "Convolution"), ("android", "Convolution")]
)
def test_the_runtimes_profiler_says_where_the_time_goes(bundles, target, kind, tmp_path, images):
    code, result, _ = start(bundles.of(target, "fp32"), tmp_path, "--profile", image=images[:1])
    assert code == 0, result
    assert any(kind in kernel["kind"] for kernel in result["kernels"])
    assert all(kernel["us"] >= 0 for kernel in result["kernels"])


def test_tapped_tensors_lie_beside_the_logits(bundles, tmp_path, images):
    model = onnx.load(bundles.of("x86", "fp32") / "model.onnx")
    tensor = model.graph.node[0].output[0]
    model.graph.output.append(onnx.ValueInfoProto(name=tensor))
    bundle = bundles.copy("x86", "fp32", tmp_path)
    onnx.save(model, bundle / "model.onnx")
    code, result, logits = start(bundle, tmp_path, f"--tap={tensor}", image=images)
    assert code == 0, result
    assert logits.shape == (len(images), 2)
    with np.load(tmp_path / "out" / "trace.npz") as found:
        (tapped,) = (found[name] for name in found.files)
    assert tapped.shape[0] == len(images)
    assert tapped.dtype == np.float32


@pytest.mark.parametrize(
    ("option", "said"), [("--tap=x", "shows no tensor"), ("--profile", "has no profiler")]
)
def test_what_a_session_cannot_do_is_exit_code_3(bundles, tmp_path, images, option, said):
    bundle = bundles.copy("x86", "fp32", tmp_path)
    write_json(bundle / "manifest.json", read_json(bundle / "manifest.json") | {"runner": "mine"})
    (tmp_path / "mine.py").write_text(MINE)
    place = f"mine={tmp_path / 'mine.py'}:Mine"
    code, result, _ = start(bundle, tmp_path, "--session", place, option, image=images)
    assert code == 3
    assert said in result["error"]
