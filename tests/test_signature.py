import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgekit.signature import Input, Preprocessing, Signature, as_recorded, image_input

RULE = Preprocessing(size=(6, 8))
# A class is a folder and a line of a file.
NAMES = st.text(min_size=1, max_size=5).filter(
    lambda name: name[0] != "." and not any(c in "/\\" or c < " " for c in name)
)
VALID = {"inputs": (image_input(RULE),), "classes": ("a", "b"), "positive": "b"}


@given(
    st.integers(1, 64),
    st.integers(1, 64),
    st.sampled_from(["RGB", "BGR", "L"]),
    st.floats(0, 1),
    st.lists(NAMES, min_size=2, max_size=5, unique=True),
)
def test_what_is_written_is_read(height, width, colour, threshold, classes):
    rule = Preprocessing(size=(height, width), colour=colour)
    signature = Signature(
        inputs=(image_input(rule),), classes=classes, positive=classes[-1], threshold=threshold
    )
    assert Signature.parse(signature.to_json(), "a file") == signature


def test_an_image_input_has_the_shape_that_its_rule_makes():
    assert image_input(RULE, "photo") == Input(name="photo", shape=(1, 3, 6, 8), preprocessing=RULE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"positive": "c"}, "not among"),
        ({"classes": ("b",)}, "at least 2"),
        ({"classes": ("b", "b")}, "differ"),
        ({"classes": ("b", "../a")}, "pattern"),
        ({"classes": ("b", "a\nc")}, "pattern"),
        ({"threshold": 1.5}, "less than or equal to 1"),
        ({"threshold": float("nan")}, "greater than or equal|less than or equal|finite"),
        ({"inputs": ()}, "at least 1"),
        ({"inputs": (image_input(RULE), image_input(RULE))}, "differ"),
        ({"colour": "RGB"}, "not permitted"),
    ],
)
def test_signatures_that_contradict_themselves_are_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        Signature(**{**VALID, **change})


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"shape": (2, 3, 6, 8)}, "batch dimension"),
        ({"shape": (1, 3, 8, 6), "preprocessing": RULE}, "not what preprocessing makes"),
        ({"shape": (1, 3, 6, 8), "preprocessing": RULE, "layout": "NHWC"}, "NCHW"),
        ({"shape": (1, 0)}, "greater than 0"),
        ({"shape": (1, 2), "name": "../up"}, "pattern"),
        ({"shape": (1, 2), "dtype": "int64"}, "float32"),
    ],
)
def test_inputs_that_contradict_themselves_are_refused(table, message):
    with pytest.raises(ValidationError, match=message):
        Input(**table)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"mean": (0.5,)}, "need 3 figures"),
        ({"colour": "L", "mean": (0.5, 0.5, 0.5)}, "need 1 figures"),
        ({"std": 0.0}, "greater than 0"),
        ({"orientation": "upright"}, "'exif' or 'stored'"),
        ({"std": (0.0, 1.0, 1.0)}, "greater than 0"),
        ({"size": (0, 8)}, "greater than 0"),
        ({"size": (8, 100_000)}, "less than or equal to 8192"),
    ],
)
def test_preprocessing_that_contradicts_itself_is_refused(table, message):
    with pytest.raises(ValidationError, match=message):
        Preprocessing(**{"size": (8, 8), **table})


def test_the_threshold_alone_changes():
    signature = Signature(**VALID)
    assert signature.with_threshold(0.25).threshold == 0.25
    assert signature.with_threshold(0.5) == signature


@pytest.mark.parametrize(("colour", "channels"), [("RGB", 3), ("BGR", 3), ("L", 1)])
@pytest.mark.parametrize(
    ("given_", "mean", "std"), [({}, 0.0, 1.0), ({"mean": 0.5, "std": 2}, 0.5, 2)]
)
def test_one_figure_and_none_count_for_every_channel(colour, channels, given_, mean, std):
    rule = Preprocessing.parse({"size": (8, 8), "colour": colour, **given_}, "a table")
    assert (rule.mean, rule.std) == ((mean,) * channels, (std,) * channels)


def test_what_was_written_before_orientation_and_alpha_were_fields_keeps_its_meaning():
    written = Signature(**VALID).to_json()
    for key in ("orientation", "alpha"):
        written["inputs"][0]["preprocessing"].pop(key)
    rule = Signature.parse(as_recorded(written), "a file").inputs[0].preprocessing
    assert (rule.orientation, rule.alpha) == ("stored", "drop")
    assert Signature.parse(as_recorded(Signature(**VALID).to_json()), "a file") == Signature(
        **VALID
    )


@pytest.mark.parametrize("name", ["logits", "self", "class", "lambda"])
def test_an_input_cannot_have_a_name_that_is_taken(name):
    with pytest.raises(ValidationError, match="cannot be called"):
        Input(name=name, shape=(1, 2), layout="ANY")
