import pytest

from edgekit.devices.evidence import evidence_for
from edgekit.export.target import EVIDENCE, target_named, targets


@pytest.mark.parametrize(
    ("target", "strongest", "machine", "wanted"),
    [
        ("android", "host", "x86_64", "host"),
        ("android", "host", "aarch64", "host"),
        ("android", "emulated", "aarch64", "emulated"),
        ("android", "device", "aarch64", "device"),
        ("android", "device", "x86_64", "host"),
        ("x86", "device", "x86_64", "device"),
        ("x86", "emulated", "aarch64", "host"),
        ("iphone", "device", "arm64", "host"),
        ("jetson", "device", "aarch64", "reference"),
        ("jetson", "emulated", "aarch64", "reference"),
    ],
)
def test_a_run_proves_what_it_can(target, strongest, machine, wanted):
    assert evidence_for(target_named(target), strongest, machine) == wanted


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("strongest", ["host", "emulated", "device"])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64", "arm64", "riscv64", ""])
def test_nothing_is_stronger_than_its_transport(target, strongest, machine):
    found = evidence_for(target_named(target), strongest, machine)
    assert EVIDENCE.index(found) <= EVIDENCE.index(strongest)
