import pytest

from edgekit.devices.evidence import evidence_for, speed_obstacle
from edgekit.evidence import Evidence
from edgekit.target import target_named, targets


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
    assert evidence_for(target_named(target), Evidence(strongest), machine) == wanted


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("strongest", [Evidence.HOST, Evidence.EMULATED, Evidence.DEVICE])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64", "arm64", "riscv64", ""])
def test_nothing_is_stronger_than_its_transport(target, strongest, machine):
    found = evidence_for(target_named(target), strongest, machine)
    assert strongest.reaches(found)


@pytest.mark.parametrize(
    ("target", "machine", "judged"),
    [
        ("android", "aarch64", True),
        ("android", "armv7l", True),
        ("android", "x86_64", False),
        ("x86", "x86_64", True),
        ("x86", "AMD64", True),
        ("x86", "aarch64", False),
        ("iphone", "arm64", False),
        ("jetson", "aarch64", False),
        ("android", "", False),
    ],
)
def test_a_speed_counts_on_the_targets_own_kind_of_processor(target, machine, judged):
    found = speed_obstacle(target_named(target), {"machine": machine, "processor": "Some CPU"})
    assert (found is None) == judged


def test_why_a_speed_does_not_count_names_the_processor_and_the_way_out():
    found = speed_obstacle(
        target_named("android"), {"machine": "x86_64", "processor": "AMD EPYC 7763"}
    )
    assert found.startswith("timed on AMD EPYC 7763 (x86_64), which target android is not for")
    assert "(aarch64, armv8l, armv7l)" in found
    assert "--device ssh://" in found


def test_a_machine_that_says_nothing_of_itself_is_none_of_the_targets():
    found = speed_obstacle(target_named("x86"), {})
    assert found.startswith("timed on an unknown processor (an unknown architecture)")
