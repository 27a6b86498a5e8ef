import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from edgekit.errors import InputError, OutputError
from edgekit.files import read_json, save_array, whole_folder, write_json, write_whole

# Fills a folder of a file system of 256 KiB until it is full; says how that ended.
FILL = """
import sys
from pathlib import Path
from edgekit.errors import OutputError
from edgekit.files import whole_folder, write_whole
path = Path(sys.argv[1])
try:
    if sys.argv[2] == "folder":
        with whole_folder(path / "made") as work:
            (work / "big").write_bytes(bytes(1 << 20))
    else:
        write_whole(path / "made", bytes(1 << 20))
except OutputError as error:
    print(error)
print(sorted(entry.name for entry in path.iterdir()))
"""
# Says when it is in the middle of a write, and then waits to be stopped.
STALL = """
import sys, time
from pathlib import Path
from edgekit.files import whole_folder
with whole_folder(Path(sys.argv[1])) as work:
    (work / "half").write_text("half")
    print("ready", flush=True)
    time.sleep(60)
"""


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def mounted(folder, options, code, *arguments):
    """Run Python code with a small file system of its own mounted at `folder`."""
    folder.mkdir()
    mount = f'mount -t tmpfs -o size=256k tmpfs "$1" && {options} shift && exec "$@"'
    command = ["unshare", "-rm", "sh", "-c", mount, "sh", str(folder), sys.executable, "-c", code]
    done = subprocess.run([*command, str(folder), *arguments], capture_output=True, text=True)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this kernel mounts nothing for us: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path, kind):
    said = mounted(tmp_path / "small", "", FILL, kind)
    assert "the disk is full" in said
    assert said.endswith("[]\n")


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_read_only_place_is_one_clear_error(tmp_path, kind):
    said = mounted(tmp_path / "small", 'mount -o remount,ro "$1" &&', FILL, kind)
    assert "read-only" in said


def test_a_folder_appears_whole(tmp_path):
    path = tmp_path / "new" / "a b é 模型"
    with whole_folder(path) as work:
        (work / "file").write_text("text")
        assert not path.exists()
    assert names(path) == ["file"]
    assert names(path.parent) == [path.name]


def test_a_folder_replaces_the_old_one_as_a_whole(tmp_path):
    path = tmp_path / "made"
    for name in ("first", "second"):
        with whole_folder(path) as work:
            (work / name).write_text(name)
    assert names(path) == ["second"]
    assert names(tmp_path) == ["made"]


def _write_and_fail(path, fault):
    with whole_folder(path) as work:
        (work / "new").write_text("new")
        raise fault


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, OSError])
def test_a_fault_inside_leaves_the_old_folder(tmp_path, fault):
    path = tmp_path / "made"
    with whole_folder(path) as work:
        (work / "old").write_text("old")
    with pytest.raises(fault):
        _write_and_fail(path, fault)
    assert names(path) == ["old"]
    assert names(tmp_path) == ["made"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path):
    path = tmp_path / "made"
    path.write_text("mine")
    with pytest.raises(OutputError, match="it is a file"), whole_folder(path):
        pass
    assert path.read_text() == "mine"


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    (tmp_path / "made").mkdir()
    with pytest.raises(OutputError, match="a folder stands there"):
        write_whole(tmp_path / "made", b"text")
    assert names(tmp_path) == ["made"]


@pytest.mark.parametrize("write", [lambda p: write_whole(p, b"x"), lambda p: next(_open(p))])
def test_symbolic_links_are_refused(tmp_path, write):
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OutputError, match="symbolic link"):
        write(tmp_path / "link")
    assert names(tmp_path / "target") == []


def _open(path):
    with whole_folder(path) as work:
        yield work


def test_a_part_of_the_path_that_is_a_file_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        write_whole(tmp_path / "file" / "below", b"")


def test_a_name_that_is_too_long_is_one_clear_error(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        write_whole(tmp_path / ("n" * 300), b"")


def _stalled(path):
    process = subprocess.Popen(
        [sys.executable, "-c", STALL, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def _stop(process, how):
    process.send_signal(how)
    process.communicate(timeout=30)


def test_a_killed_write_leaves_the_old_folder_and_the_next_one_sweeps(tmp_path):
    path = tmp_path / "made"
    with whole_folder(path) as work:
        (work / "old").write_text("old")
    _stop(_stalled(path), signal.SIGKILL)
    assert names(path) == ["old"]
    assert len(names(tmp_path)) == 2
    with whole_folder(path) as work:
        (work / "new").write_text("new")
    assert names(path) == ["new"]
    assert names(tmp_path) == ["made"]


def test_an_interrupted_write_leaves_nothing(tmp_path):
    process = _stalled(tmp_path / "made")
    _stop(process, signal.SIGINT)
    assert names(tmp_path) == []


def test_a_write_of_a_living_process_is_not_swept(tmp_path):
    process = _stalled(tmp_path / "made")
    try:
        write_whole(tmp_path / "made.json", b"{}")
        with whole_folder(tmp_path / "made") as work:
            (work / "mine").write_text("")
        assert [name for name in names(tmp_path) if name.endswith(".part")]
    finally:
        _stop(process, signal.SIGKILL)


def _dead():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_what_was_moved_away_by_a_killed_process_comes_back(tmp_path):
    moved = tmp_path / f".made.{_dead()}.x.old" / "old"
    moved.mkdir(parents=True)
    (moved / "kept").write_text("kept")
    with pytest.raises(ValueError, match="stop"), whole_folder(tmp_path / "made"):
        raise ValueError("stop")
    assert names(tmp_path / "made") == ["kept"]
    assert names(tmp_path) == ["made"]


def test_the_rest_of_a_killed_file_is_swept_and_other_peoples_files_are_not(tmp_path):
    for name in (f".made.json.{_dead()}.x.part", ".made.json.mine.part", ".made.json.bak"):
        (tmp_path / name).write_text("")
    write_json(tmp_path / "made.json", {})
    assert names(tmp_path) == [".made.json.bak", ".made.json.mine.part", "made.json"]


@given(
    arrays(
        st.sampled_from([np.float32, np.int64]),
        array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
def test_arrays_are_written_as_numpy_reads_them(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("arrays") / "array.npy"
    save_array(path, array.T)
    loaded = np.load(path, allow_pickle=False)
    assert loaded.dtype == array.dtype
    assert np.array_equal(loaded, array.T, equal_nan=array.dtype.kind == "f")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_json_round_trips(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("json") / "value.json"
    write_json(path, value)
    assert read_json(path) == value


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_one_clear_error(tmp_path, text):
    path = tmp_path / "value.json"
    path.write_bytes(text)
    with pytest.raises(InputError, match="not readable JSON"):
        read_json(path)


def test_a_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_json(tmp_path / "value.json")


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom edgekit.files import whole_folder\n"
        "print('ready', flush=True)\n"
        "for turn in range(10**6):\n"
        "    with whole_folder(Path(sys.argv[1])) as work:\n"
        "        (work / 'a').write_text(str(turn))\n"
        "        (work / 'b').write_text(str(turn))\n"
    )
    path = tmp_path / "made"
    for turn in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()
        time.sleep(0.02 + 0.013 * turn)
        _stop(process, signal.SIGKILL)
        with pytest.raises(ValueError, match="stop"), whole_folder(path):
            raise ValueError("stop")  # sweeps, and puts back what was moved away
        if path.exists():
            assert (path / "a").read_text() == (path / "b").read_text()
    assert path.exists()
    assert os.listdir(tmp_path) == [Path(path).name]
