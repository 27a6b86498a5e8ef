from collections import Counter

import pytest

pytest.importorskip("coremltools", reason="pip install coremltools")


@pytest.fixture(scope="module")
def operators(bundles):
    from coremltools.converters.mil.frontend.milproto.load import load
    from coremltools.models.utils import load_spec

    def count(precision):
        package = bundles.of("iphone", precision) / "model.mlpackage"
        weights = package / "Data" / "com.apple.CoreML" / "weights"
        spec = load_spec(str(package))
        program = load(spec, spec.specificationVersion, str(weights))
        found = Counter(op.op_type for op in program.functions["main"].operations)
        return found, spec

    return count


def test_int8_has_pairs_around_its_convolutions(operators):
    found, _ = operators("int8")
    assert found["conv"] > 10
    assert found["quantize"] >= found["conv"]
    assert found["dequantize"] >= found["conv"]
    stored = found["constexpr_affine_dequantize"] + found["constexpr_blockwise_shift_scale"]
    assert stored >= found["conv"]


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_float_programs_have_no_pairs(operators, precision):
    found, _ = operators(precision)
    assert found["conv"] > 10
    assert not found["quantize"]


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_inputs_and_outputs_have_the_signatures_names(operators, precision):
    _, spec = operators(precision)
    assert [item.name for item in spec.description.input] == ["image"]
    assert [item.name for item in spec.description.output] == ["logits"]


def test_the_deployment_version_is_the_targets(operators):
    _, spec = operators("int8")
    assert spec.specificationVersion == 8  # iOS 17
