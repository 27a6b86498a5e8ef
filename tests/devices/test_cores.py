import platform
import subprocess

import pytest

from edgekit.devices import sysroot
from edgekit.devices.cores import core_named, core_names
from edgekit.errors import InputError
from tests.devices.test_counting import ENCODED


def test_the_cores_of_the_usual_boards_are_known():
    assert {"cortex-a53", "cortex-a72", "cortex-a76", "neoverse-n1"} <= set(core_names())


def test_an_unknown_core_lists_those_there_are():
    with pytest.raises(InputError, match=r"cpu 'pentium' is no ARM core .* cortex-a72"):
        core_named("pentium")


def test_dot_products_are_told_of_the_cores_that_have_them():
    features = {name: core_named(name).features.split() for name in core_names()}
    assert "asimddp" in features["cortex-a76"]
    assert "asimddp" not in features["cortex-a72"]
    assert "i8mm" in features["neoverse-v1"]
    assert "i8mm" not in features["neoverse-n1"]


@pytest.mark.parametrize("name", [name for name in core_names() if core_named(name).cost])
def test_a_cost_is_of_classes_that_are_counted_and_names_its_source(name):
    cost = core_named(name).cost
    assert "Software Optimization Guide" in cost.source
    assert set(cost.cycles) <= set(ENCODED)


@pytest.mark.skipif(platform.system() != "Linux", reason="qemu's user mode is for Linux")
@pytest.mark.parametrize("name", ["cortex-a53", "cortex-a76"])
def test_a_program_reads_what_its_core_says(armed, name):
    root = sysroot.sysroot_of(core_named(name))
    python = str(root / "usr/bin" / f"python{sysroot.PYTHON}")
    command = [armed, "-cpu", name, "-L", str(root), python]
    command += ["-c", "print(open('/proc/cpuinfo').read())"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"CPU part\t: {core_named(name).part}" in done.stdout


@pytest.mark.parametrize("name", core_names())
def test_caches_are_made_of_whole_sets(name):
    caches = core_named(name).caches
    for size, ways in ((caches.l1_bytes, caches.l1_ways), (caches.l2_bytes, caches.l2_ways)):
        assert size % (64 * ways) == 0
    assert caches.l1_bytes < caches.l2_bytes
    assert caches.source.startswith("Arm ")
