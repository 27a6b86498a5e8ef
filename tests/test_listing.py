"""A folder's files: pictures, arrays and the rest, and the hash over all of them."""

import os

import numpy as np
import pytest
from PIL import Image

from edgekit.hashes import sha256_tree
from edgekit.images import reads_heif
from edgekit.listing import list_folder, printable


@pytest.fixture
def folder(tmp_path):
    for name in ("real", "fake"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (9, 9)).save(tmp_path / name / "a.png")
    np.save(tmp_path / "real" / "b.npy", np.zeros(2))
    (tmp_path / "real" / "c.txt").write_text("notes")
    return tmp_path


def test_pictures_arrays_and_others_are_told_apart(folder):
    found = list_folder(folder)
    assert [path.name for path in found.pictures] == ["a.png", "a.png"]
    assert [path.name for path in found.arrays] == ["b.npy"]
    assert [(kind, path.name) for kind, path in found.others] == [(".txt", "c.txt")]
    assert found.count == 4


def test_without_links_the_hash_is_the_tree_s(folder):
    if reads_heif():
        pytest.skip("pillow-heif is part of the hash where it is installed")
    assert list_folder(folder).sha256() == sha256_tree(folder)


def test_the_hash_sees_through_links_and_knows_their_names(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    Image.new("RGB", (9, 9)).save(elsewhere / "x.png")
    hashes = [list_folder(folder).sha256()]
    os.symlink(elsewhere, folder / "fake" / "slice")
    hashes.append(list_folder(folder).sha256())
    Image.new("RGB", (9, 9), "red").save(elsewhere / "x.png")
    hashes.append(list_folder(folder).sha256())
    os.symlink("nowhere", folder / "fake" / "lost.png")
    hashes.append(list_folder(folder).sha256())
    assert len(set(hashes)) == 4


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a b ü 模型.png", "a b ü 模型.png"),
        ("a\nb", "a\\nb"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\udcff", "\\udcff"),
    ],
)
def test_a_name_stays_on_its_line(name, written):
    assert printable(name) == written
