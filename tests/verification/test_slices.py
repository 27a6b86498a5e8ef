import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgekit.verification.slices import slice_masks

rows = st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.booleans()), max_size=30)


@given(rows)
def test_every_slice_holds_its_own_images_and_has_both_classes_if_it_can(pairs):
    slices = [name for name, _ in pairs]
    positives = np.array([positive for _, positive in pairs], dtype=bool)
    masks = slice_masks(slices, positives)
    assert set(masks) == set(slices) - {""}
    for name, mask in masks.items():
        members = np.array(slices) == name
        assert mask[members].all()
        wanted = 2 if positives.any() and not positives.all() else 1
        assert len(np.unique(positives[mask])) == wanted


def test_a_slice_of_one_class_stands_against_all_of_the_other():
    masks = slice_masks(["", "", "gan", "both", "both"], np.array([0, 0, 1, 0, 1], dtype=bool))
    assert masks["gan"].tolist() == [True, True, True, True, False]
    assert masks["both"].tolist() == [False, False, False, True, True]


def test_no_slices_give_no_figures():
    assert slice_masks(["", ""], np.array([True, False])) == {}
