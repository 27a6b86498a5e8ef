import os
import signal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.devices import archive, local
from edgekit.devices.request import Request
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.manifest import read_manifest

TARGETS = ("x86", "android")


@pytest.fixture(scope="module")
def inputs(bundles):
    images = np.load(bundles.of("x86", "fp32") / "golden" / "inputs" / "image.npy")
    return {"image": images[:2]}


@pytest.mark.parametrize("target", TARGETS)
def test_the_result_says_what_ran(bundles, target, inputs):
    result = local.run(bundles.of(target, "fp32"), inputs, Request(runs=2, threads=2))
    assert result.logits.shape == (2, 2)
    assert result.threads == 2
    assert len(result.times_ms) == 2
    assert result.load_ms > 0
    assert [item["shape"] for item in result.inputs] == [[1, 3, 64, 64]]


def damage(bundles, target, folder, data):
    bundle = bundles.copy(target, "fp32", folder)
    (bundle / read_manifest(bundle).artifact).write_bytes(data)
    return bundle


def whole(bundles, target):
    bundle = bundles.of(target, "fp32")
    return (bundle / read_manifest(bundle).artifact).read_bytes()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("share", [0.0, 0.00001, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_artifact_is_one_clear_error(bundles, target, share, inputs, tmp_path):
    artifact = whole(bundles, target)
    bundle = damage(bundles, target, tmp_path, artifact[: int(share * len(artifact))])
    _fails_cleanly(bundle, inputs)


def _fails_cleanly(bundle, inputs):
    with pytest.raises(EdgekitError, match=r"the runtime (refuses|crashed)") as caught:
        local.run(bundle, inputs, Request(timeout_s=60))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=3)
@given(data=st.binary(min_size=1, max_size=4000))
def test_random_bytes_are_one_clear_error(bundles, target, inputs, tmp_path_factory, data):
    _fails_cleanly(damage(bundles, target, tmp_path_factory.mktemp("bad"), data), inputs)


@pytest.mark.parametrize("target", TARGETS)
def test_a_folder_instead_of_an_artifact_is_one_clear_error(bundles, target, inputs, tmp_path):
    bundle = bundles.copy(target, "fp32", tmp_path)
    artifact = bundle / read_manifest(bundle).artifact
    artifact.unlink()
    artifact.mkdir()
    _fails_cleanly(bundle, inputs)


def test_a_run_that_takes_too_long_is_stopped(bundles, inputs):
    with pytest.raises(EdgekitError, match=r"took more than 0\.01 s"):
        local.run(bundles.of("x86", "fp32"), inputs, Request(timeout_s=0.01))


def test_a_runtime_that_is_not_here_is_told_apart(bundles, inputs):
    if os.uname().sysname == "Darwin":
        pytest.skip("Core ML is here")
    with pytest.raises(UnavailableError) as caught:
        local.run(bundles.of("iphone", "fp32"), inputs)
    assert caught.value.reason.startswith("Core ML executes on macOS only")


def test_a_crash_of_the_runtime_names_its_signal(bundles, inputs, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAIN", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(EdgekitError, match=signal.SIGSEGV.name):
        local.run(bundles.of("x86", "fp32"), inputs)


def test_the_callers_python_path_does_not_leak_in(bundles, inputs, tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise RuntimeError('a stranger')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert local.run(bundles.of("x86", "fp32"), inputs).logits.shape == (2, 2)


def test_nothing_stays_in_the_temporary_folder(bundles, inputs, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    local.run(bundles.of("x86", "fp32"), inputs)
    with pytest.raises(EdgekitError):
        local.run(tmp_path / "nowhere", inputs)
    assert list(tmp_path.iterdir()) == []
