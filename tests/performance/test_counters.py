"""Reading what perf and valgrind print; which of them works is the machine's."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from edgekit.devices.device import device_named
from edgekit.devices.request import Request
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.performance import counters
from edgekit.performance.counters import (
    Counter,
    Tally,
    find_counter,
    read_perf,
    read_qemu,
    read_valgrind,
    steady,
    with_memory,
)

# As perf 6.1 prints with `-x ,`: value, unit, event, time it ran, share of the time.
PERF = (
    "123456789,,instructions:u,5012345,100.00,1.2,insn per cycle\n678,,cache-misses:u,50,100.00,,\n"
)
NO_PERF = "<not supported>,,instructions:u,0,100.00,,\n<not supported>,,cache-misses:u,0,100.00,,\n"
NO_MISSES = "42,,instructions:u,5,100.00,,\n<not counted>,,cache-misses:u,0,0.00,,\n"
VALGRIND = """==1== # Thread 1
==1== #   Total instructions: 618159942
==1== # Thread 2
==1== #   Total instructions: 4565971
"""


def test_perf_gives_instructions_and_cache_misses():
    assert read_perf(PERF, 1) == Tally(123456789, 678)


def test_perf_may_not_know_cache_misses():
    assert read_perf(NO_MISSES, 1) == Tally(42)


@pytest.mark.parametrize("text", ["", NO_PERF, "error: no permission"])
def test_perf_without_counters_is_told_apart(text):
    with pytest.raises(EdgekitError, match="counted no instructions"):
        read_perf(text, 1)


def test_with_one_thread_only_the_main_one_counts():
    assert read_valgrind(VALGRIND, 1) == Tally(618159942)
    assert read_valgrind(VALGRIND, 2) == Tally(618159942 + 4565971)


def test_valgrind_that_died_is_told_apart():
    with pytest.raises(EdgekitError, match="counted no instructions"):
        read_valgrind("valgrind: fatal error", 1)


def test_the_plugin_of_qemu_tells_classes_apart():
    assert read_qemu("dot 40\nrest 2\n", 1) == Tally(42, classes={"dot": 40, "rest": 2})


def test_what_is_read_and_written_is_no_class():
    found = read_qemu("dot 40\nmemory bytes_read 64\nmemory l1_misses 1\n", 1)
    assert found == Tally(40, classes={"dot": 40}, memory={"bytes_read": 64, "l1_misses": 1})


def test_memory_is_asked_for_besides(tmp_path):
    counter = Counter("qemu", lambda request, out: replace(request, counts=out), read_qemu, 1)
    found = with_memory(counter).counted(Request(threads=1), tmp_path)
    assert found == Request(counts=tmp_path, memory=True)


def test_a_plugin_that_wrote_nothing_is_told_apart():
    with pytest.raises(EdgekitError, match="counted no instructions"):
        read_qemu("", 1)


def test_nothing_that_counts_says_what_to_install(monkeypatch):
    monkeypatch.setattr(counters.shutil, "which", lambda tool: None)
    with pytest.raises(UnavailableError, match="Install valgrind"):
        find_counter(device_named("local"))


def test_the_steady_start_starts():
    assert subprocess.run([*steady(), "true"], check=False).returncode == 0


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="apt install valgrind")
def test_valgrind_counts_a_real_program_the_same_each_time(tmp_path):
    counter = counters._valgrind()
    found = []
    for name in ("a", "b"):
        out = tmp_path / name
        launcher = counter.counted(Request(), out).launcher
        subprocess.run([*launcher, "true"], check=True, capture_output=True)
        found.append(counter.read(out.read_text(), 1).instructions)
    assert found[0] > 10_000
    assert found[0] == pytest.approx(found[1], rel=0.01)
