from hypothesis import given
from hypothesis import strategies as st

from edgekit.sample.photographs import PHOTOGRAPHS, SPLITS, load, of_split, path_of

CLEAR_LICENCES = {"CC0-1.0", "public domain"}
UNCLEAR = {"lfw_subset.npy", "moon.png", "coins.png", "motorcycle_left.png", "motorcycle_right.png"}


def test_every_photograph_has_a_clear_licence_an_author_and_a_source():
    for photograph in PHOTOGRAPHS:
        assert photograph.licence in CLEAR_LICENCES
        assert photograph.author
        assert photograph.source
        assert photograph.file not in UNCLEAR


def test_every_file_is_in_the_wheel():
    assert all(path_of(photograph).is_file() for photograph in PHOTOGRAPHS)


def test_no_photograph_is_in_two_splits():
    assert len({photograph.file for photograph in PHOTOGRAPHS}) == len(PHOTOGRAPHS)
    assert len({photograph.name for photograph in PHOTOGRAPHS}) == len(PHOTOGRAPHS)
    assert sum(len(of_split(split)) for split in SPLITS) == len(PHOTOGRAPHS)


def test_every_split_has_several_photographs():
    assert all(len(of_split(split)) >= 2 for split in SPLITS)


@given(st.sampled_from(PHOTOGRAPHS))
def test_pixels_are_rgb_and_grey_as_recorded(photograph):
    pixels = load(photograph)
    assert pixels.dtype == "uint8"
    assert pixels.shape[2] == 3
    assert min(pixels.shape[:2]) >= 128
    assert ((pixels == pixels[..., :1]).all()) == photograph.grey
