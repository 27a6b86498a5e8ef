"""What runs artifacts in a process of its own may crash or hang."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from edgekit.errors import EdgekitError, UnavailableError
from edgekit.search import process
from edgekit.search.probe import Job


@pytest.fixture
def job(bundles, tmp_path):
    path = tmp_path / "image.npy"
    np.save(path, np.random.default_rng(0).normal(size=(3, 3, 64, 64)).astype(np.float32))
    return Job(
        runner="onnxruntime",
        artifacts=[str(bundles.of("x86", p) / "model.onnx") for p in ("fp32", "int8")],
        inputs=[str(path)],
        names=["image"],
        threads=1,
        rounds=3,
        runs=2,
    )


def test_logits_are_the_last_artifacts_and_times_of_all(job):
    logits, times = process.probe(job, 60)
    assert logits.shape == (3, 2)
    assert [len(each) for each in times] == [3, 3]
    assert min(min(each) for each in times) > 0
    other, _ = process.probe(replace(job, artifacts=job.artifacts[::-1]), 60)
    assert not np.array_equal(logits, other)


def test_what_the_runtime_refuses_is_said_in_its_words(job, tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(EdgekitError, match=r"the runtime refuses it: .*broken\.onnx"):
        process.probe(replace(job, artifacts=[str(tmp_path / "broken.onnx")]), 60)


def test_a_runtime_that_is_not_here_is_no_fault_of_the_candidate(job):
    if sys.platform == "darwin":
        pytest.skip("Core ML is here")
    with pytest.raises(UnavailableError, match="Core ML executes on macOS only"):
        process.probe(replace(job, runner="coreml"), 60)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os.abort()", "crashed with SIGABRT"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed with SIGSEGV"),
        ("import time; time.sleep(60)", "took more than 1 s"),
    ],
)
def test_crashes_and_hangs_end_in_one_line(job, monkeypatch, code, said):
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", code))
    with pytest.raises(EdgekitError, match=said):
        process.probe(job, 1)
