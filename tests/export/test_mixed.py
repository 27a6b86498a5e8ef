"""Static int8 with layers that find their scales at run time, in one artifact."""

import onnx
import pytest
import torch
from torch import nn

from edgekit.calibration.layers import layer_precisions
from edgekit.devices.runner.sessions import SESSIONS
from edgekit.exporters.bundle import build_artifact
from edgekit.exporters.recipe import default_recipe, lower
from edgekit.runtimes import runtime_named
from edgekit.target import target_named


def perceptron():
    return nn.Sequential(
        *(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    )


@pytest.fixture
def built(student_on_noise, tmp_path):
    """Build one linear of three dynamic, one static and the head float or dynamic."""
    student = student_on_noise(perceptron, 1, 32)

    def make(target):
        target = target_named(target)
        recipe = default_recipe(target, "int8")
        names = [node.name for node in student.program.graph.nodes if "linear" in node.name]
        recipe = recipe.model_copy(update={"floats": (names[1],), "precision": "int8_dynamic"})
        program = lower(student, recipe, runtime_named(target.runtime).folded)
        artifact = tmp_path / build_artifact(program, target, recipe, tmp_path).artifact
        return student, artifact, layer_precisions(program, "int8_dynamic", target.dynamic)

    return make


@pytest.mark.parametrize(("target", "runner"), [("x86", "onnxruntime"), ("android", "litert")])
def test_the_artifact_says_what_the_student_says(built, target, runner):
    student, artifact, layers = built(target)
    assert (layers["0"], layers["2"]) == ("int8", "dynamic")
    sample = student.data.read(student.data.samples[0])[0]
    wanted = student.detector.logits((sample,))
    got = SESSIONS[runner](str(artifact), ["given"], 1).run([sample])
    torch.testing.assert_close(got, wanted, rtol=0, atol=0.05 * float(abs(wanted).max()) + 0.01)


def test_both_kinds_of_kernel_are_in_the_graph(built):
    _, artifact, _ = built("x86")
    kinds = [node.op_type for node in onnx.load(artifact).graph.node]
    assert kinds.count("DynamicQuantizeLinear") == 2  # the second layer and the head
    assert "QuantizeLinear" in kinds
