from pathlib import Path

import pytest

from edgekit.devices.runner.sessions.onnxruntime import saturates
from edgekit.target import target_named
from edgekit.verification.kernels import advised, described, foreign

AVX2 = {"machine": "x86_64", "instruction_sets": ["AVX", "AVX2", "FMA3"], "saturates": True}
AVX512 = {"machine": "x86_64", "instruction_sets": ["AVX2", "AVX512BW"], "saturates": True}
VNNI = {"machine": "x86_64", "instruction_sets": ["AVX2", "AVX512BW"], "saturates": False}
ARM = {"machine": "aarch64", "instruction_sets": ["ASIMD", "NEON"]}


def test_what_the_runtime_itself_said_is_named():
    for environment, expected in ((AVX2, True), (AVX512, True), (VNNI, False), (ARM, False)):
        said = described("onnxruntime", environment, "convolution stem")
        assert ("saturate in 16 bits" in said) is expected
        assert "first convolution stem" in said


def test_the_runtime_is_asked_and_not_a_list_of_processors():
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    if "avx2" not in flags:
        pytest.skip("no x86 processor with AVX2")
    assert saturates() != ("avx512_vnni" in flags or "avx_vnni" in flags)


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
