import sys

import pytest

from benchmarks.peers.watch import run

GROW = "block = bytearray(200 * 2**20); import time; time.sleep(0.5)"


def python(code, folder, timeout=60.0):
    return run([sys.executable, "-c", code], folder / "log.txt", timeout)


def test_memory_of_children_counts(tmp_path):
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {GROW!r}])"
    ended = python(parent, tmp_path)
    assert ended.fault is None
    assert 200 * 2**20 < ended.peak_mem_bytes < 400 * 2**20
    assert ended.seconds > 0.5


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("raise SystemExit(3)", "ended with exit status 3"),
        ("import os; os.abort()", "crashed with SIGABRT"),
        ("import time; time.sleep(60)", "ended after 0.5 s without a result"),
    ],
)
def test_a_bad_end_is_said_in_one_line(code, fault, tmp_path):
    assert python(code, tmp_path, 0.5 if "sleep" in code else 60.0).fault == fault


def test_output_goes_to_the_log_and_the_log_s_folder_is_current(tmp_path):
    python("import os; print('in', os.getcwd())", tmp_path)
    assert (tmp_path / "log.txt").read_text() == f"in {tmp_path}\n"
