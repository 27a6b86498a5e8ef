"""The runner as boards get it: one file, started by itself."""

import ast
import json
import subprocess
import sys
import time

import numpy as np
import pytest

from edgekit.devices import runner
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


def test_only_edgekits_own_interpreter_needs_edgekit():
    tree = ast.parse(RUNNER.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    own = {node.name for node in functions if "from edgekit" in ast.unparse(node)}
    assert own == {"_reference"}
    outside = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert "edgekit" not in "\n".join(map(ast.unparse, outside))


def test_it_is_python_3_8():
    ast.parse(RUNNER.read_text(), feature_version=(3, 8))


def test_two_bundles_take_turns_in_one_process(bundles, tmp_path, images):
    options = ("--runs", "20", "--warmup", "1", "--against", str(bundles.of("android", "fp32")))
    code, result, _ = start(bundles.of("x86", "int8"), tmp_path, *options, image=images[:1])
    assert code == 0
    blocks = result["timing"]["pair"]
    assert len(blocks["own"]) == len(blocks["other"]) == 2 * runner.QUADS
    assert sum(map(len, blocks["own"])) == sum(map(len, blocks["other"])) == 20
    assert len(result["times_ms"]) == 20


def test_the_other_bundle_must_be_one(bundles, tmp_path, images):
    options = ("--runs", "2", "--against", str(tmp_path / "nowhere"))
    code, result, _ = start(bundles.of("x86", "int8"), tmp_path, *options, image=images[:1])
    assert code == 2
    assert "nowhere" in result["error"]


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("runs", [1, 2, 7, 20])
def test_blocks_go_a_b_b_a(swap, runs):
    order = []
    runner.measure_pair(lambda: order.append("A"), lambda: order.append("B"), 0, runs, swap)
    turns = [name for name, before in zip(order, ["", *order], strict=False) if name != before]
    first, second = ("B", "A") if swap else ("A", "B")
    rounds = max(1, min(runner.QUADS, runs // 2))
    assert turns == [first, second] * rounds + [first]  # neighbours of one kind are one turn
    assert order.count("A") == order.count("B")


def test_a_warm_up_lasts_until_times_settle():
    clock = iter(range(10**6))

    def infer():
        time.sleep(0.004 if next(clock) < 6 else 0.001)

    found = runner.warm_up(infer, runner.UNTIL_STABLE)
    assert found["stable"] in (True, False)  # a busy machine may never settle
    assert found["runs"] > 6


def test_a_warm_up_that_never_settles_is_given_up(monkeypatch):
    monkeypatch.setattr(runner, "LONGEST_NS", 1e8)
    clock = iter(range(10**6))
    found = runner.warm_up(lambda: time.sleep(0.02 * (next(clock) % 2)), runner.UNTIL_STABLE)
    assert found["stable"] is False


def test_a_fixed_warm_up_is_as_long_as_it_says():
    calls = []
    assert runner.warm_up(lambda: calls.append(1), 7) == {"runs": 7, "stable": None}
    assert len(calls) == 7


def test_a_sustained_run_keeps_a_median_for_each_bin():
    rows = runner.measure_sustained(lambda: time.sleep(0.001), 0.4)
    assert len(rows) >= 10
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert all(milliseconds >= 1 and runs >= 1 for _, milliseconds, runs in rows)


def test_the_machine_is_described():
    found = runner.environment()
    assert found["processor"]
    assert found["machine"]
    assert isinstance(found["instruction_sets"], list)
    assert json.loads(json.dumps(found)) == found


def test_a_process_knows_its_age():
    if sys.platform == "linux":
        assert runner.process_age_ms() > 0


@pytest.mark.parametrize("target", ["x86", "android"])
def test_plain_kernels_compute_the_same_function(bundles, target, tmp_path, images):
    bundle = bundles.of(target, "fp32")
    code, result, plain = start(bundle, tmp_path, "--plain", image=images)
    assert code == 0, result
    _, _, fast = start(bundle, tmp_path, image=images)
    assert np.allclose(plain, fast, atol=1e-4)


def test_plain_kernels_fuse_nothing(bundles):
    """Without XNNPACK LiteRT executes every operator itself; with it they are one."""
    path = str(bundles.of("android", "int8") / "model.tflite")
    kinds = {}
    for plain in (True, False):
        model = runner.LiteRT(path, ["image"], 1, plain).model
        kinds[plain] = {operator["op_name"] for operator in model._get_ops_details()}
    assert "DELEGATE" in kinds[False]
    assert "DELEGATE" not in kinds[True]
