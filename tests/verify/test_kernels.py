import pytest

from edgekit.export.target import target_named
from edgekit.verify.kernels import advised, described, foreign, saturates

AVX2 = {"machine": "x86_64", "instruction_sets": ["AVX", "AVX2", "FMA3"]}
AVX512 = {"machine": "x86_64", "instruction_sets": ["AVX2", "AVX512BW", "AVX512F"]}
VNNI = {"machine": "x86_64", "instruction_sets": ["AVX2", "AVX512BW", "AVX512VNNI"]}
ALDER = {"machine": "x86_64", "instruction_sets": ["AVX2", "AVX_VNNI"]}
ARM = {"machine": "aarch64", "instruction_sets": ["ASIMD", "NEON"]}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [(AVX2, True), (AVX512, True), (VNNI, False), (ALDER, False), (ARM, False), ({}, False)],
)
def test_only_x86_without_vnni_saturates_and_only_in_onnx_runtime(environment, expected):
    assert saturates("onnxruntime", environment) is expected
    assert saturates("litert", environment) is False
    said = described("onnxruntime", environment, "convolution stem")
    assert ("saturate in 16 bits" in said) is expected
    assert "first convolution stem" in said


def test_the_widest_set_without_vnni_is_named():
    assert "AVX2 without VNNI" in described("onnxruntime", AVX2, "")
    assert "AVX-512 without VNNI" in described("onnxruntime", AVX512, "")


def test_a_target_is_for_its_own_processors():
    assert foreign(target_named("android"), "x86_64")
    assert not foreign(target_named("android"), "aarch64")
    assert not foreign(target_named("x86"), "x86_64")


def test_advice_is_about_the_processor_that_is_wrong():
    assert "--device emulated" in advised("litert", AVX2, target_named("android"))
    assert "weights of 7 bits" in advised("onnxruntime", AVX2, target_named("x86"))
    assert "7 bits" not in advised("onnxruntime", VNNI, target_named("x86"))
    assert "emulated" not in advised("litert", ARM, target_named("android"))
