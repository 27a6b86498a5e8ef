"""An artifact over many images, in chunks."""

import numpy as np
import pytest

from edgekit.devices.device import RunnerResult
from edgekit.errors import EdgekitError
from edgekit.verification import logits
from edgekit.verification.logits import artifact_logits


def test_chunks_change_nothing(bundles, data, monkeypatch):
    whole = artifact_logits(bundles.of("x86", "fp32"), data)
    monkeypatch.setattr(logits, "CHUNK", 7)
    assert np.array_equal(artifact_logits(bundles.of("x86", "fp32"), data), whole)


def test_a_killed_run_is_carried_on(bundles, data, monkeypatch, tmp_path):
    bundle, kept = bundles.of("x86", "fp32"), tmp_path / "kept"
    monkeypatch.setattr(logits, "CHUNK", 7)

    def die(done, total):
        if done > 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        artifact_logits(bundle, data, progress=die, kept=kept)
    ran, real = [], logits.device_named("local")

    def count(bundle, inputs):
        ran.append(len(inputs["image"]))
        return real(bundle, inputs)

    monkeypatch.setattr(logits, "device_named", lambda name: count)
    carried = artifact_logits(bundle, data, kept=kept)
    assert sum(ran) == len(data) - 14
    monkeypatch.undo()
    assert np.array_equal(carried, artifact_logits(bundle, data))


def test_results_that_are_too_few_are_one_clear_error(bundles, data, monkeypatch):
    def run(bundle, inputs, request=None):
        return RunnerResult(np.zeros((1, 2), np.float32), "a runtime", [], 1.0, 1.0, [], 1, 1)

    monkeypatch.setattr(logits, "device_named", lambda name: run)
    with pytest.raises(EdgekitError, match="gave 1 results for 16 images"):
        artifact_logits(bundles.of("x86", "fp32"), data)
