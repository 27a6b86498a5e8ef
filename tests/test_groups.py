"""Which images belong together: by folder, by name, or by a CSV sheet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edgekit.dataset import open_dataset
from edgekit.errors import InputError
from edgekit.groups import GroupRule, numbered, rule_of
from edgekit.signature import Preprocessing, Signature, image_input

RULE = Preprocessing(size=(8, 8))
ONE = Signature(inputs=(image_input(RULE),), classes=("real", "fake"), positive="fake")


def image(path, colour=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (9, 9), (colour, 0, 0)).save(path)


@pytest.fixture
def folder(tmp_path):
    for place, name in enumerate(
        (
            "real/a/a_1.png",
            "real/a/a_2.png",
            "real/b_1.png",
            "fake/gan/a/a_1.png",
            "fake/gan/c_7.png",
        )
    ):
        image(tmp_path / name, 40 * place)
    return tmp_path


def told(data):
    return {sample.name: (sample.slice, sample.group) for sample in data.samples}


def test_a_folder_inside_a_slice_is_a_group_and_so_is_the_only_one(folder):
    assert told(open_dataset(folder, ONE, "folder")) == {
        "real/a/a_1.png": ("", "a"),
        "real/a/a_2.png": ("", "a"),
        "real/b_1.png": ("", None),
        "fake/gan/a/a_1.png": ("gan", "a"),
        "fake/gan/c_7.png": ("", "gan"),
    }


@pytest.mark.parametrize("rule", [r"(.+)_\d+", r"(x)?(?P<group>[a-z])_"])
def test_a_pattern_reads_the_name_and_leaves_slices_alone(folder, rule):
    data = open_dataset(folder, ONE, rule)
    assert [sample.group for sample in data.samples] == ["a", "a", "b", "a", "c"]
    assert [sample.slice for sample in data.samples] == ["a", "a", "", "gan", "gan"]
    assert data.groups.tolist() == [0, 0, 1, 0, 2]


def test_without_a_rule_there_are_none_and_another_signature_keeps_the_rule(folder):
    assert open_dataset(folder, ONE).groups is None
    other = ONE.model_copy(update={"inputs": (image_input(Preprocessing(size=(4, 4))),)})
    again = open_dataset(folder, ONE, "folder").opened_for(other)
    assert again.signature == other
    assert again.groups.tolist() == open_dataset(folder, ONE, "folder").groups.tolist()


@pytest.mark.parametrize(
    ("rule", "said"),
    [("(", "no regular expression"), (r"\d+", "no part in parentheses"), ("(zzz)", "matches no")],
)
def test_a_wrong_rule_is_one_line(folder, rule, said):
    with pytest.raises(InputError, match=said):
        open_dataset(folder, ONE, rule)


def test_folders_that_are_not_there_are_one_line(tmp_path):
    image(tmp_path / "real" / "1.png")
    image(tmp_path / "fake" / "2.png")
    with pytest.raises(InputError, match=r"no image of .* lies in a folder inside its class"):
        open_dataset(tmp_path, ONE, "folder")


@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=30))
def test_numbers_are_the_same_just_where_names_are(names):
    found = numbered(names)
    if not any(names):
        assert found is None
        return
    assert set(found) == set(range(found.max() + 1))
    for first, one in zip(found, names, strict=True):
        same = np.array([one is not None and other == one for other in names])
        assert (found == first).sum() == (same.sum() if one is not None else 1)


def test_a_rule_is_checked_when_it_is_read():
    assert rule_of(None) is None
    assert rule_of("folder") == GroupRule("folder")
