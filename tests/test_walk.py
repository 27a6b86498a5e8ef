"""Folders with links, as people keep them."""

import os
import tempfile
from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.walk import walk


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def found(folder, first=()):
    return {path.relative_to(folder).as_posix(): fault for path, fault in walk(folder, first)}


def test_every_file_is_met_and_what_systems_leave_behind_is_not(tmp_path):
    for name in ("a/b/c/d.png", "a/e", ".git/x", "a/.DS_Store", "a/Thumbs.db", "__MACOSX/a/f.png"):
        touch(tmp_path / name)
    assert found(tmp_path) == {"a/b/c/d.png": "", "a/e": ""}


def test_a_link_to_a_folder_is_followed_once(tmp_path_factory):
    folder, elsewhere = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("elsewhere")
    touch(elsewhere / "deep" / "x.png")
    touch(folder / "real" / "y.png")
    os.symlink(elsewhere, folder / "real" / "slice")
    os.symlink(elsewhere, folder / "real" / "twin")
    assert found(folder) == {
        "real/y.png": "",
        "real/slice/deep/x.png": "",
        "real/twin": "link to a folder that is read already",
    }


def test_a_link_never_takes_a_real_folders_place(tmp_path):
    touch(tmp_path / "fake" / "z" / "x.png")
    (tmp_path / "real").mkdir()
    os.symlink(tmp_path / "fake" / "z", tmp_path / "real" / "a")
    assert found(tmp_path) == {
        "fake/z/x.png": "",
        "real/a": "link to a folder that is read already",
    }


def test_links_of_what_is_asked_for_first_go_before_other_folders(tmp_path):
    touch(tmp_path / "pool" / "x.png")
    (tmp_path / "fake").mkdir()
    os.symlink(tmp_path / "pool", tmp_path / "fake" / "slice")
    assert found(tmp_path, {"fake"}) == {"fake/slice/x.png": ""}


@pytest.mark.parametrize("target", [".", "..", "../.."])
def test_a_loop_ends(tmp_path, target):
    folder = tmp_path / "data"
    touch(folder / "real" / "a" / "x.png")
    os.symlink(target, folder / "real" / "a" / "loop")
    kinds = found(folder)
    assert kinds.pop("real/a/x.png") == ""
    assert list(kinds) == ["real/a/loop"]
    assert kinds["real/a/loop"].startswith("link to a folder that")


def test_links_to_nothing_and_to_themselves_are_named(tmp_path):
    os.symlink("nowhere.jpg", tmp_path / "a.jpg")
    os.symlink("b.jpg", tmp_path / "b.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert found(tmp_path) == {
        "a.jpg": "link to nothing",
        "b.jpg": "link to nothing",
        "pipe.jpg": "neither file nor folder",
    }


def test_a_missing_folder_is_one_clear_error(tmp_path):
    with pytest.raises(InputError, match="cannot list folder"):
        list(walk(tmp_path / "nowhere", ()))


@pytest.fixture
def closed():
    """A folder with one in it that may not be listed, and a user who is not root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        touch(folder / "real" / "x.png")
        folder.chmod(0o755)
        (folder / "real").chmod(0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        yield folder
        os.seteuid(user)
        (folder / "real").chmod(0o755)


def test_a_folder_that_may_not_be_read_is_one_clear_error(closed):
    with pytest.raises(InputError, match=r"cannot list folder .*real: Permission denied"):
        list(walk(closed, ()))
