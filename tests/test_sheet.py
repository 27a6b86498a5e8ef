"""A dataset that a CSV sheet lists."""

import pytest

from edgekit.dataset import open_dataset
from edgekit.errors import InputError
from edgekit.sheet import sheet_sha256
from tests.test_groups import ONE, image

HEAD = "path,label,slice,group\n"


@pytest.fixture
def sheet(tmp_path):
    """Two real images and a fake one, anywhere."""
    for place, name in enumerate(("x/1.png", "x/2.png", "3.png")):
        image(tmp_path / name, 60 * place)
    path = tmp_path / "test.csv"
    path.write_text(HEAD + "x/1.png,real,,v1\nx/2.png,real,,\n3.png,fake,gan,v1\n")
    return path


def test_it_says_label_slice_and_group(sheet):
    data = open_dataset(sheet, ONE)
    found = [(each.name, each.label, each.slice, each.group) for each in data.samples]
    assert found == [
        ("x/1.png", 0, "", "v1"),
        ("x/2.png", 0, "", None),
        ("3.png", 1, "gan", "v1"),
    ]
    assert data.groups.tolist() == [0, 1, 0]
    assert [len(chosen) for chosen, _ in data.batches(2)] == [2, 1]


def test_a_sheet_as_spreadsheets_write_it_and_without_groups(sheet):
    sheet.write_bytes("\ufefflabel,path\r\nfake,3.png\r\nreal,x/1.png\r\n".encode())
    data = open_dataset(sheet, ONE)
    assert [sample.name for sample in data.samples] == ["x/1.png", "3.png"]
    assert data.groups is None
    by_folder = open_dataset(sheet, ONE, "folder")
    assert [sample.group for sample in by_folder.samples] == ["x", None]


def test_its_hash_is_of_what_it_says_and_of_the_files(sheet):
    before = sheet_sha256(sheet)
    sheet.write_text(sheet.read_text() + "\n")
    assert sheet_sha256(sheet) == before
    image(sheet.parent / "3.png", 9)
    assert sheet_sha256(sheet) != before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "x/1.png,real,,\nno.png,fake,,\nnor.png,fake,,\n", r"no.png \(and 1 more\)"),
        ("path,label,video\nx/1.png,real,v\n", "unknown column 'video'"),
        ("path,slice\nx/1.png,a\n", "no column 'label'"),
        ("path,label\nx/1.png,real\nx/../x/1.png,fake\n", "two labels, 'real' and 'fake'"),
        ("path,label\nx/1.png,real\nx/1.png,real\n", "lists x/1.png twice"),
        ("path,label\nx/1.png,real\n3.png,unreal\n", "label 'unreal', the classes are real, fake"),
        ("path,label\nx/1.png,real\n", "no file of class 'fake'"),
        ("path,label\nx/1.png\n", "line 2, has not as many fields"),
        ("path,label\n", "lists no file"),
        ("", "no column 'path'"),
    ],
)
def test_a_wrong_sheet_is_one_line(sheet, text, said):
    sheet.write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        open_dataset(sheet, ONE)
    assert "\n" not in str(caught.value)


def test_one_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"dataset sheet .* does not exist"):
        open_dataset(tmp_path / "no.csv", ONE)
