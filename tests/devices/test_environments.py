"""Old runtimes, really installed and run; pip takes them from where it is set up to."""

import numpy as np
import pytest

from edgekit.devices import local
from edgekit.devices.environments import environment_for
from edgekit.devices.known import find_device
from edgekit.devices.runtimes import parsed
from edgekit.errors import EdgekitError, InputError, UnavailableError


def device(requirement):
    return find_device("local", {}, requirement)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "requirement", "said"),
    [
        ("android", "tflite-runtime==2.14.0", "tflite-runtime 2.14.0"),
        ("android", "ai-edge-litert==1.0.1", "ai-edge-litert"),
        ("x86", "onnxruntime==1.18.0", "onnxruntime 1.18.0"),
    ],
)
def test_an_old_runtime_runs_the_artifact(bundles, golden, target, requirement, said):
    bundle = bundles.of(target, "fp32")
    found = device(requirement)(bundle, golden)
    assert found.runtime.startswith(said)
    np.testing.assert_allclose(found.logits, local.run(bundle, golden).logits, atol=1e-3)


@pytest.mark.slow
def test_one_that_cannot_load_the_artifact_says_why(bundles, golden):
    with pytest.raises(EdgekitError, match=r"Unsupported model IR version|opset"):
        device("onnxruntime==1.17.0")(bundles.of("x86", "int8"), golden)


@pytest.mark.slow
def test_an_unknown_version_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(UnavailableError, match=r"tflite-runtime==9\.9") as caught:
        environment_for(parsed("tflite-runtime==9.9"))
    assert "\n" not in str(caught.value)
    left = [path.name for path in tmp_path.rglob("*") if path.suffix != ".lock"]
    assert left == ["edgekit", "environments"]


def test_a_runtime_for_other_artifacts_is_refused(bundles, golden):
    with pytest.raises(InputError, match="takes ai-edge-litert, tflite-runtime"):
        device("onnxruntime==1.18.0")(bundles.of("android", "fp32"), golden)
