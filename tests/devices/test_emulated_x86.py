"""Instruction sets under test: every artifact on x86 cores that have fewer of them than ours."""

import platform

import numpy as np
import pytest

from edgekit.devices import archive, local
from edgekit.devices.device import device_named
from edgekit.devices.emulated_x86 import EmulatedX86
from edgekit.devices.request import Request
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.manifest import read_manifest
from edgekit.target import target_named, targets

# One with AVX2 and without AVX-512 and VNNI, and one without AVX.
CORES = ("Haswell", "Nehalem")
# How far two cores may be apart, as a share of the logits' spread. Floats differ where a kernel
# fuses a product with its sum; in int8 a rounding that falls the other way is a whole step.
APART = {"fp32": 1e-4, "fp16": 1e-2, "int8": 0.05, "dynamic": 0.05, "weight_only": 1e-3}
QUICK = {
    ("x86", "fp32", "Nehalem"), ("x86", "int8", "Nehalem"), ("x86", "int8", "Haswell"),
    ("android", "int8", "Nehalem"), ("jetson", "int8", "Nehalem"),
}  # fmt: skip
# Core ML does not run here, `auto` is one of the others, and what needs VNNI is right with it only.
CASES = [
    pytest.param(*case, marks=() if case in QUICK else pytest.mark.slow)
    for name, target in targets().items()
    for precision in target.precisions
    for case in ((name, precision, cpu) for cpu in CORES)
    if target.runner != "coreml" and precision != "auto" and not target.needs
]


def core(cpu=None):
    return EmulatedX86("emulated-x86", DeviceSettings(url="emulated-x86", cpu=cpu))


@pytest.fixture(scope="session")
def ready():
    """Make a core whose emulator is here."""
    probe = core().probe()
    if not probe.works:
        pytest.skip(f"{probe.detail}: {probe.fix}")
    return core


@pytest.mark.parametrize(("target", "precision", "cpu"), CASES)
def test_an_artifact_decides_the_same_with_fewer_instruction_sets(
    ready, bundles, golden, target, precision, cpu
):
    bundle = bundles.of(target, precision)
    there, here = ready(cpu)(bundle, golden).logits, local.run(bundle, golden).logits
    interpreted = read_manifest(bundle).runner == "reference"  # the same bits everywhere
    bound = 0.0 if interpreted else APART[precision] * float(np.ptp(here))
    assert abs(there - here).max() <= bound
    clear = abs(here[:, 1] - here[:, 0]) > 2 * bound
    assert clear.any()
    assert (there.argmax(axis=1) == here.argmax(axis=1))[clear].all()


@pytest.mark.parametrize(
    ("cpu", "has", "lacks"),
    [
        pytest.param(None, {"AVX2", "FMA3"}, "AVX512", marks=pytest.mark.slow),
        ("Nehalem", {"SSE42"}, "AVX"),
    ],
)
def test_the_runner_sees_the_emulated_cores_instruction_sets(
    ready, bundles, golden, cpu, has, lacks
):
    found = ready(cpu)(bundles.of("x86", "fp32"), golden).timing.environment
    assert found["machine"] == "x86_64"
    assert has <= set(found["instruction_sets"])
    assert not [name for name in found["instruction_sets"] if name.startswith(lacks)]


def test_it_is_evidence_of_its_own_kind_for_x86_alone():
    found = {name: core().evidence(target) for name, target in targets().items()}
    assert found["x86"] == "emulated"
    assert found["android"] == target_named("android").evidence
    assert found["jetson"] == "reference"


def test_it_is_never_timed(bundles, golden):
    with pytest.raises(UnavailableError, match="cannot time on an emulated core"):
        core()(bundles.of("x86", "fp32"), golden, Request(runs=5))


def test_an_unknown_core_is_one_line(ready, bundles, golden):
    with pytest.raises(EdgekitError) as caught:
        ready("pentium9")(bundles.of("x86", "fp32"), golden)
    assert "pentium9" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_crash_there_names_its_signal(ready, bundles, golden, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAIN", "import ctypes; ctypes.string_at(0)")
    with pytest.raises(EdgekitError, match=r"crashed on .* with SIGSEGV"):
        ready()(bundles.of("x86", "fp32"), golden)


def test_core_ml_does_not_run_there(ready, bundles, golden):
    with pytest.raises(UnavailableError) as caught:
        ready()(bundles.of("iphone", "fp32"), golden)
    assert caught.value.reason.startswith("Core ML executes on macOS only")


def test_its_name_is_a_url():
    device = device_named("emulated-x86")
    assert isinstance(device, EmulatedX86)
    assert device.cpu == "Haswell"


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere Linux is what is missing")
def test_a_missing_emulator_names_its_package(bundles, golden, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    probe = core().probe()
    assert not probe.works
    assert "qemu-x86_64-static, which is not here" in probe.detail
    assert probe.fix == "apt-get install qemu-user-static"
    with pytest.raises(UnavailableError, match="apt-get install qemu-user-static"):
        core()(bundles.of("x86", "fp32"), golden)


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "arm64"), ("Linux", "aarch64")])
def test_another_machine_is_told_what_it_needs(monkeypatch, system, machine):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(UnavailableError) as caught:
        core().prepare("onnxruntime")
    assert caught.value.what.endswith(f"needs an x86-64 Linux, this is {system} on {machine}")
    assert "ssh" in caught.value.fix
