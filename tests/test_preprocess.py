import io

import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edgekit.preprocess import is_transparent, preprocess, shown
from edgekit.signature import Preprocessing

PHOTOGRAPH = Image.fromarray(skimage.data.chelsea()).crop((90, 40, 170, 100))


def encoded(kind="PNG", image=PHOTOGRAPH, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def rules():
    def rule(height, width, resize, resize_to, kernel, colour):
        channels = 1 if colour == "L" else 3
        figures = {"mean": (0.5,) * channels, "std": (0.25,) * channels}
        return Preprocessing(
            size=(height, width),
            resize=resize,
            resize_to=resize_to,
            kernel=kernel,
            colour=colour,
            **figures,
        )

    edge = st.integers(1, 40)
    resize = st.sampled_from(["shortest", "longest", "squash", "none"])
    kernel = st.sampled_from(["nearest", "bilinear", "bicubic"])
    colour = st.sampled_from(["RGB", "BGR", "L"])
    return st.builds(rule, edge, edge, resize, st.none() | edge, kernel, colour)


@given(rules(), st.integers(1, 70), st.integers(1, 70), st.sampled_from(["RGB", "L", "RGBA", "P"]))
def test_any_image_becomes_the_shape_of_its_rule(rule, width, height, mode):
    image = PHOTOGRAPH.resize((width, height)).convert(mode)
    array = preprocess(image, rule)
    assert array.shape == (1, rule.channels, *rule.size)
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert (abs(array) <= 2.0 + 1e-6).all()


def test_normalization_is_scale_then_mean_then_std():
    rule = Preprocessing(size=(60, 80), resize="none", mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    got = preprocess(PHOTOGRAPH, rule)[0]
    pixels = np.asarray(PHOTOGRAPH).transpose(2, 0, 1) / 255
    wanted = (pixels - np.array(rule.mean)[:, None, None]) / np.array(rule.std)[:, None, None]
    assert abs(got - wanted).max() < 1e-6


def test_bgr_turns_the_channels_around():
    rule = Preprocessing(size=(60, 80), resize="none")
    turned = rule.model_copy(update={"colour": "BGR"})
    assert (preprocess(PHOTOGRAPH, rule)[:, ::-1] == preprocess(PHOTOGRAPH, turned)).all()


@pytest.mark.parametrize("size", [(61, 80), (60, 81), (61, 81), (70, 90), (70, 40)])
@pytest.mark.parametrize("resize", ["none", "longest"])
def test_padding_has_the_colour_that_was_asked_for(size, resize):
    white = Image.new("RGB", (80, 60), (255, 255, 255))
    rule = Preprocessing(size=size, resize=resize, fill=255)
    assert (preprocess(white, rule) == 1.0).all()


def test_a_crop_is_taken_from_the_centre():
    pixels = np.zeros((30, 50, 3), dtype=np.uint8)
    pixels[10:20, 20:30] = 255
    rule = Preprocessing(size=(10, 10), resize="none")
    assert (preprocess(Image.fromarray(pixels), rule) == 1.0).all()


@pytest.mark.parametrize("shape", [(200, 300), (300, 200), (64, 64), (65, 64)])
def test_shortest_agrees_with_torchvision(shape):
    from torchvision import transforms
    from torchvision.transforms import InterpolationMode

    image = Image.fromarray(skimage.data.coffee()).crop((50, 50, 50 + shape[1], 50 + shape[0]))
    rule = Preprocessing(size=(56, 56), resize_to=64)
    theirs = transforms.Compose(
        [
            transforms.Resize(64, interpolation=InterpolationMode.BICUBIC),
            transforms.CenterCrop(56),
            transforms.ToTensor(),
        ]
    )
    assert abs(preprocess(image, rule)[0] - theirs(image).numpy()).max() < 1e-6


WHOLE = Preprocessing(size=(60, 80), resize="none")


def turned(image, orientation):
    """A photograph whose file says how it must be turned, as phones write it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return Image.open(io.BytesIO(encoded("PNG", image, exif=exif)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_exif_says_and_only_once(orientation):
    stored = {  # how a camera held so stores what is upright, by the EXIF standard's table
        1: lambda x: x,
        2: lambda x: x[:, ::-1],
        3: lambda x: x[::-1, ::-1],
        4: lambda x: x[::-1],
        5: lambda x: x.transpose(1, 0, 2),
        6: lambda x: np.rot90(x),
        7: lambda x: np.rot90(x, 2).transpose(1, 0, 2),
        8: lambda x: np.rot90(x, -1),
    }[orientation](np.asarray(PHOTOGRAPH))
    file = turned(Image.fromarray(np.ascontiguousarray(stored)), orientation)
    upright = shown(file, WHOLE)
    assert (np.asarray(upright) == np.asarray(PHOTOGRAPH)).all()
    assert (np.asarray(shown(upright, WHOLE)) == np.asarray(PHOTOGRAPH)).all()
    left = shown(file, WHOLE.model_copy(update={"orientation": "stored"}))
    assert (np.asarray(left) == stored).all()


@given(st.binary(max_size=60))
def test_damaged_exif_turns_nothing(exif):
    image = PHOTOGRAPH.copy()
    image.info["exif"] = b"Exif\0\0" + exif
    found = shown(image, WHOLE)
    assert sorted(found.size) == sorted(PHOTOGRAPH.size)


def glass(mode):
    """The photograph, its left half wholly transparent over garbage colours, in any mode."""
    pixels = np.array(PHOTOGRAPH.convert("RGBA"))
    pixels[:, :40] = (255, 0, 255, 0)
    image = Image.fromarray(pixels)
    if mode != "P":
        return image.convert(mode)
    palette = image.convert("RGB").quantize(64)
    hidden = palette.getpixel((0, 0))
    return Image.open(io.BytesIO(encoded("PNG", palette, transparency=hidden)))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize(("alpha", "seen"), [("white", 1.0), ("black", 0.0)])
def test_transparent_pixels_show_the_background(mode, alpha, seen):
    rule = WHOLE.model_copy(update={"alpha": alpha})
    found = preprocess(glass(mode), rule)
    assert (found[..., :40] == seen).all()
    assert (
        abs(found[..., 40:] - preprocess(glass(mode).convert("RGB"), rule)[..., 40:]).max() < 1e-6
    )


def test_dropped_alpha_shows_what_nobody_sees():
    dropped = preprocess(glass("RGBA"), WHOLE.model_copy(update={"alpha": "drop"}))
    assert (dropped[0, :, 0, 0] == (1.0, 0.0, 1.0)).all()


@given(st.integers(0, 255), st.integers(0, 255))
def test_half_transparent_pixels_are_mixed(value, alpha):
    image = Image.new("RGBA", (4, 4), (value, value, value, alpha))
    rule = Preprocessing(size=(4, 4), resize="none", scale=1.0)
    wanted = (alpha * value + (255 - alpha) * 255) / 255
    assert abs(preprocess(image, rule) - wanted).max() <= 1
    assert is_transparent(image) == (alpha < 255)


def test_grey_is_the_mean_by_the_eye_and_one_channel():
    rule = Preprocessing(size=(60, 80), resize="none", colour="L", scale=1.0)
    wanted = np.asarray(PHOTOGRAPH) @ np.array([0.299, 0.587, 0.114])
    assert abs(preprocess(PHOTOGRAPH, rule)[0, 0] - wanted).max() <= 1
