"""Things in the user's cache are made once, whole or not at all."""

import subprocess
import sys

import pytest

from edgekit.devices.cache import cache_folder, cached
from edgekit.errors import EdgekitError, OutputError


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


class Maker:
    """Writes a file, and counts."""

    def __init__(self, text="text"):
        self.text, self.times = text, 0

    def __call__(self, folder):
        self.times += 1
        (folder / "file").write_text(self.text)


def test_it_is_made_once():
    make = Maker()
    first, second = (cached("things", "one", make) for _ in range(2))
    assert first == second
    assert (first / "file").read_text() == "text"
    assert make.times == 1


@pytest.mark.parametrize("damage", ["other", "", None])
def test_what_was_damaged_is_made_again(damage):
    make = Maker()
    path = cached("things", "one", make) / "file"
    path.unlink() if damage is None else path.write_text(damage)
    assert (cached("things", "one", make) / "file").read_text() == "text"
    assert make.times == 2


def test_a_failure_leaves_nothing_and_the_next_one_works():
    def fail(folder):
        (folder / "file").write_text("half")
        raise EdgekitError("it failed", "Try again")

    with pytest.raises(EdgekitError, match="it failed"):
        cached("things", "one", fail)
    left = [path.name for path in (cache_folder() / "things").iterdir()]
    assert left == ["one.lock"]
    assert (cached("things", "one", Maker()) / "file").read_text() == "text"


def test_what_a_killed_process_left_is_cleared():
    left = cache_folder() / "things" / ".one.abc.part"
    left.mkdir(parents=True)
    cached("things", "one", Maker())
    assert not left.exists()


PROCESS = """
import sys, time
from pathlib import Path
from edgekit.devices.cache import cached

def make(folder):
    with open(sys.argv[1], "a") as count:
        count.write("made\\n")
    for index in range(20):
        (folder / str(index)).write_text("x")
        time.sleep(0.02)

print(len(list(cached("things", "one", make).iterdir())))
"""


def test_two_at_once_do_not_clash(tmp_path):
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "count")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[0] for process in started] == ["20\n"] * 3
    assert (tmp_path / "count").read_text() == "made\n"


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(OutputError, match="a part of the path is a file"):
        cached("things", "one", Maker())
