"""An older processor shown to programs: what they, their children and the runtimes see of it."""

import json
import os
import subprocess
import sys

import pytest

from benchmarks.processors import show
from benchmarks.processors.show import PROCESSORS, shown_as
from edgekit.errors import UnavailableError

# The runner of a bundle asks in a process of its own; faulthandler, as pytest has it, handles the
# signal that carries the answers.
ASK = """
import faulthandler, json
from edgekit.devices.runner.machine import environment
from edgekit.devices.runner.sessions.onnxruntime import saturates
faulthandler.enable()
print(json.dumps({**environment(), "saturates": saturates()}))
"""
CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ASK!r}], check=True)"


@pytest.fixture(scope="module", params=sorted(PROCESSORS))
def seen(request):
    try:
        environment = {**os.environ, **shown_as(request.param)}
    except UnavailableError as error:
        pytest.skip(str(error))
    command = [sys.executable, "-c", CHILD]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return request.param, json.loads(ended.stdout.splitlines()[-1])


def test_runtimes_see_no_vnni(seen):
    assert seen[1]["saturates"]
    assert not [name for name in seen[1]["instruction_sets"] if "VNNI" in name]


def test_what_is_not_hidden_stays(seen):
    processor, environment = seen
    assert "AVX2" in environment["instruction_sets"]
    if processor == "avx2":
        assert not [name for name in environment["instruction_sets"] if "AVX512" in name]


def test_the_record_names_what_was_shown(seen):
    assert seen[1]["processor"].endswith(f"shown as {seen[0]}")


def test_a_processor_that_cannot_hide_anything_is_one_line(monkeypatch):
    monkeypatch.setattr(show, "_described", lambda: "flags : avx2 fma")
    with pytest.raises(SystemExit, match=r"cannot hide instruction sets.*test-isa"):
        show.main(["avx2", "true"])


def test_a_system_that_forbids_it_never_passes_for_an_older_processor(monkeypatch):
    monkeypatch.setattr(show, "_described", lambda: "flags : cpuid_fault avx2")
    monkeypatch.setattr(show, "_seen", lambda shown: "model name : the real one")
    with pytest.raises(SystemExit, match="does not let a program hide"):
        show.main(["avx2", "true"])
