"""What the situations do not reach: files of every other kind; weights are none of them."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from edgekit.detectors.exported_archive import open_program
from edgekit.detectors.foreign import kind_of, refuse_foreign
from edgekit.errors import InputError

DOCUMENT = Path(__file__).parents[2] / "docs" / "detectors.md"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x1f\x8b\x08" + bytes(30), "a gzip archive"),
        (b"BZh91AY", "a bzip2 archive"),
        (b"\xfd7zXZ\x00", "an xz archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (bytes(257) + b"ustar", "a tar archive"),
        (bytes(4) + b"ET12", "an ExecuTorch program"),
        (b"/annex/objects/SHA256E", "a git-annex pointer"),
        (b"<?xml version='1.0'?><Error>", "an XML document"),
        (b"Entry not found", "a text that begins with 'Entry not found'"),
        (b"\x80\x04\x95abc", "pickled objects"),
    ],
)
def test_a_kind_is_told_by_content(tmp_path, data, what):
    (tmp_path / "x.safetensors").write_bytes(data)
    found = kind_of(tmp_path / "x.safetensors")
    assert found is not None
    assert found.what.startswith(what)


def test_arrays_of_numpy(tmp_path):
    np.save(tmp_path / "x.npy", np.ones(3))
    assert kind_of(tmp_path / "x.npy").what == "a NumPy array"
    np.savez(tmp_path / "x.npz", a=np.ones(3))
    assert kind_of(tmp_path / "x.npz").what == "NumPy arrays (.npz)"


@pytest.mark.parametrize("zipped", [True, False])
def test_torch_files_are_none_of_them(tmp_path, zipped):
    torch.save({"a": torch.ones(2)}, tmp_path / "x.pt", _use_new_zipfile_serialization=zipped)
    assert kind_of(tmp_path / "x.pt") is None


@given(st.integers(1, 200), st.text("abcdefgh.", min_size=1, max_size=40))
def test_safetensors_are_none_of_them(tmp_path_factory, size, name):
    """Their first bytes are a length, which may begin as any other file does."""
    path = tmp_path_factory.mktemp("x") / "x.bin"
    save_file({name: torch.zeros(size)}, path)
    assert kind_of(path) is None


def test_a_folder_says_what_lies_in_it(tmp_path):
    with pytest.raises(InputError, match="a folder without weights"):
        refuse_foreign(tmp_path)
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(InputError, match="a TensorFlow SavedModel"):
        refuse_foreign(tmp_path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (b"<html>", "is an HTML page"),
        (b"", "is empty"),
    ],
)
def test_a_program_is_looked_at_too(tmp_path, data, words):
    (tmp_path / "x.pt2").write_bytes(data)
    with pytest.raises(InputError, match=f"program .*x.pt2 {words}"):
        open_program(tmp_path / "x.pt2")


def test_many_files_in_an_archive_are_counted(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.pt", "w") as archive:
        for name in ("run/a.txt", "run/b.txt"):
            archive.writestr(name, "text")
    assert kind_of(tmp_path / "x.pt").what == "a zip archive of 2 files, the first 'run/a.txt'"


def test_the_lines_in_the_document_convert(tmp_path, monkeypatch):
    """They are run as they stand there."""
    import argparse

    from edgekit.detectors.weights import read_weights

    state = {"a.weight": torch.ones(2, 2)}
    torch.save({"state_dict": state, "args": argparse.Namespace(x=1)}, tmp_path / "in.ckpt")
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), tmp_path / "in.pt")
    monkeypatch.chdir(tmp_path)
    lines = re.findall(r'^python -c "(.+)"$', DOCUMENT.read_text(), re.MULTILINE)
    names = []
    for line in lines:
        exec(line, {})
        names.append(set(read_weights(tmp_path / "out.pt")))
    assert names == [{"a.weight"}, {"weight", "bias"}]
