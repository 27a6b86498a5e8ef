"""What happens on a board, one request after the other, without the way to it."""

import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.devices import board
from edgekit.devices.openssh import BOARD

DATA = bytes(range(256)) * 50
NAME = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def root(tmp_path):
    return str(tmp_path / "board")


def ask(root, payload=b"", **request):
    return board.answer({"root": root, **request}, io.BytesIO(payload))[0]


def put(root, payload, offset=0):
    return ask(root, payload, do="put", name=NAME, size=len(DATA), offset=offset)


def present(root):
    return ask(root, do="state", objects=[NAME], site=None)["objects"][NAME]


def test_a_file_arrives_whole(root):
    assert present(root) == 0
    assert put(root, DATA) == {"present": board.WHOLE}
    assert present(root) == board.WHOLE


@given(cut=st.integers(min_value=0, max_value=len(DATA) - 1))
def test_a_cut_file_is_carried_on(tmp_path_factory, cut):
    root = str(tmp_path_factory.mktemp("board"))
    assert put(root, DATA[:cut])["fault"] == "cut"
    assert present(root) == cut
    assert put(root, DATA[cut:], offset=cut) == {"present": board.WHOLE}


def test_a_damaged_file_is_not_kept(root):
    assert put(root, DATA[::-1]) == {"present": 0}
    assert present(root) == 0


def test_what_somebody_else_sent_meanwhile_is_not_written_over(root):
    put(root, DATA[:100])
    assert put(root, DATA) == {"present": 100}
    put(root, DATA[100:], offset=100)
    assert put(root, DATA) == {"present": board.WHOLE}


def wheel(folder, files):
    path = folder / "a.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return str(path)


def test_wheels_are_unpacked_and_checked(tmp_path, root):
    board.folder_of({"root": root})
    site = os.path.join(root, "sites", "one")
    board.unpack([wheel(tmp_path, {"a/__init__.py": "x = 1"})], site)
    assert board.site_is_whole(root, "one")
    with open(os.path.join(site, "a", "__init__.py"), "w") as file:
        file.write("x = 2")
    assert not board.site_is_whole(root, "one")


def test_a_wheel_cannot_write_outside_its_site(tmp_path, root):
    board.folder_of({"root": root})
    names = {"../../../escaped.py": "x", "/absolute.py": "x"}
    board.unpack([wheel(tmp_path, names)], os.path.join(root, "sites", "one"))
    assert not (tmp_path / "escaped.py").exists()
    assert not os.path.exists("/absolute.py")


def test_what_killed_runs_left_is_swept_and_old_objects_go(root):
    board.folder_of({"root": root})
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name in (f"{ended.pid}-x", f"{os.getpid()}-x"):
        os.makedirs(os.path.join(root, "runs", name))
    for index in range(board.KEPT_OBJECTS + 5):
        path = os.path.join(root, "objects", str(index))
        open(path, "w").close()
        os.utime(path, (index, index))
    board._sweep(root)
    assert os.listdir(os.path.join(root, "runs")) == [f"{os.getpid()}-x"]
    kept = {int(name) for name in os.listdir(os.path.join(root, "objects"))}
    assert kept == set(range(5, board.KEPT_OBJECTS + 5))


def test_a_full_disk_is_refused_before_it_is_full(root):
    reply = ask(root, do="put", name=NAME, size=2**60, offset=0)
    assert reply["fault"] == "system"
    assert present(root) == 0


def test_a_request_that_makes_no_sense_is_answered(root):
    assert ask(root, do="dance")["fault"] == "bug"


@pytest.mark.parametrize("cut", [0, 4, 8, 20])
def test_a_request_that_is_cut_has_no_reply(cut):
    text = json.dumps({"do": "probe", "root": "~", "packages": []}).encode()
    sent = (struct.pack(">Q", len(text)) + text)[:cut]
    done = subprocess.run([sys.executable, str(BOARD)], input=sent, capture_output=True)
    assert done.returncode != 0
    assert done.stdout == b""


def test_it_needs_nothing_but_python_3_8():
    import ast

    tree = ast.parse(BOARD.read_text(), feature_version=(3, 8))
    names = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
