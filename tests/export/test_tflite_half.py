import platform

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edgekit.devices.device import device_named
from edgekit.devices.runner.sessions import SESSIONS
from edgekit.errors import UnavailableError
from edgekit.exporters.tflite_half import permit_fp16
from edgekit.manifest import read_manifest
from edgekit.performance.count import count_bundle
from edgekit.performance.settings import BenchSettings
from edgekit.verification.needs import refuse_unfit_processor


def metadata(path):
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    return {
        entry.name.decode(): bytes(model.buffers[entry.buffer].data) for entry in model.metadata
    }


def answers(path, rows):
    session = SESSIONS["litert"](str(path), ["image"], 1)
    return np.concatenate([session.run([row[None]]) for row in rows])


@pytest.mark.skipif(platform.machine() != "x86_64", reason="this processor may compute in fp16")
def test_the_file_says_that_it_may_compute_in_fp16_and_keeps_what_it_said(bundles, tmp_path):
    plain = bundles.of("android", "int8") / "model.tflite"
    half = tmp_path / "half.tflite"
    half.write_bytes(permit_fp16(plain.read_bytes()))
    assert metadata(half) == metadata(plain) | {"reduced_precision_support": b"fp16accfp16"}
    rows = np.random.default_rng(0).normal(size=(4, 3, 64, 64)).astype(np.float32)
    assert np.array_equal(answers(half, rows), answers(plain, rows))  # an x86 core ignores it


def test_only_what_is_not_asked_for_in_fp32_may_compute_in_fp16(bundles):
    asked = {precision: bundles.of("android-fp16", precision) for precision in ("fp32", "int8")}
    needs = {precision: read_manifest(bundle).needs for precision, bundle in asked.items()}
    assert needs == {"fp32": (), "int8": ("fp16",)}
    told = {
        precision: "reduced_precision_support" in metadata(bundle / "model.tflite")
        for precision, bundle in asked.items()
    }
    assert told == {"fp32": False, "int8": True}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="this processor may have it")
def test_a_processor_without_fp16_arithmetic_judges_nothing(bundles):
    bundle = bundles.of("android-fp16", "int8")
    here = device_named("local")
    with pytest.raises(UnavailableError, match=r"cannot judge .* fp16 arithmetic.*--device emul"):
        refuse_unfit_processor(bundle, read_manifest(bundle), here, f"judge {bundle.name}")


@pytest.mark.slow  # emulates a core
def test_a_core_with_fp16_arithmetic_computes_in_it_and_an_older_one_does_not(bundles, arm_core):
    bundle, settings = bundles.of("android-fp16", "fp16"), BenchSettings()
    found = {}
    for core in ("cortex-a76", "cortex-a72"):
        found[core] = count_bundle(bundle, settings, arm_core(core)).classes
    assert found["cortex-a76"]["multiply_fp16"] > 10 * found["cortex-a76"]["multiply_fp32"]
    assert found["cortex-a72"]["multiply_fp16"] == 0 < found["cortex-a72"]["multiply_fp32"]
    refuse_unfit_processor(bundle, read_manifest(bundle), arm_core(), "judge it")
