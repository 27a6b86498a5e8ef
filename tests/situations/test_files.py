"""The files that people really have, as a folder of samples holds them.

| situation | command | result before | right value |
|---|---|---|---|
| .jfif, .jpe, .mpo, .apng, .gif, .avif, a suffix that means nothing, none | calibrate | left out without a word | every one is a sample |
| .heic, .jp2, .cr2, .mp4, .zip, .txt, an unfinished download | calibrate | left out without a word | counted by suffix, with an example and what to do |
| .DS_Store, Thumbs.db, desktop.ini, __MACOSX | calibrate | the last three hashed with the data | not a word |
| a slice that is a link to a folder | calibrate | left out, and the cache did not see it change | read |
| a link to a folder that is read already, to its own parent, to nothing | calibrate | left out without a word | named |
| a folder that may not be read | calibrate | left out without a word | one line, exit code 2 |
| pictures beside the class folders, in a folder that is no class | calibrate | left out without a word | counted |
| a photo that EXIF turns | calibrate | read lying on its side, without a word | turned upright, and a line |
| the same, `orientation = "stored"` | calibrate | | left as it is, and a line |
| half-transparent PNG, palette with transparency | calibrate | colours that nobody sees | over white, and a line |
| GIF, APNG, WebP and AVIF animations, TIFF pages, MPO | calibrate | first frame, or left out; no word | first frame, and a line |
| CMYK JPEG, palette, 1 bit, LA, 1 x 1 | calibrate | read | read |
| 16 bit, LAB, float | calibrate | one line | one line |
| zero bytes, cut in half, a web page, a HEIC or a PDF named .jpg | calibrate | one line that did not say what it was | one line that says what it is |
| very thin, very large | calibrate | one line | one line |
| folder "Real" for class "real" | calibrate | "no samples" | the line says that it is written otherwise |
| class folder in decomposed Unicode, as macOS writes it | calibrate | "no samples" | read |
| file names with a line break, an escape code, bytes that are no Unicode, 255 bytes | calibrate | a traceback for the third | read |
| a test image that is also in calibration, behind a link | calibrate | not noticed | refused |
| the number of images in results.json | run | every file with a dot in its name | the samples, and what was left out |
| an app that does not turn photos, or drops alpha | verify --inputs | nothing known here | the step by its name |
"""  # noqa: E501

import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from safetensors.torch import save_file

from edgekit.dataset import open_dataset
from edgekit.detectors.timm import new_student
from edgekit.images import reads_heif
from edgekit.preprocess import preprocess
from edgekit.signature import Preprocessing, Signature, image_input
from tests.small_project import Answer, Edgekit

SIDE = 32
PROJECT = """
[project]
name = "files"

[detector]
kind = "timm"
model = "test_resnet"
checkpoint = "weights.safetensors"
image_size = 32
mean = 0.5
std = 0.5
classes = ["real", "fake"]
positive = "fake"

[data]
calibration = "data/calibration"
test = "data/test"

[budget]
auc = 1.0
ap = 1.0
accuracy = 1.0
flips = 1.0

[targets.x86]
precision = "fp32"
"""


def crop(index: int) -> Image.Image:
    image = Image.fromarray(skimage.data.astronaut())
    left, top = 37 * index % 400, 53 * index % 400
    return image.crop((left, top, left + 48, top + 40))


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a tiny detector, four calibration images and four test images."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "edgekit.toml").write_text(PROJECT)
    signature = Signature(
        inputs=(image_input(Preprocessing(size=(SIDE, SIDE))),),
        classes=("real", "fake"),
        positive="fake",
    )
    torch.manual_seed(0)
    weights = new_student("test_resnet", signature).model.state_dict()
    save_file({name: tensor.contiguous() for name, tensor in weights.items()},
              folder / "weights.safetensors")  # fmt: skip
    for place, split in enumerate(("calibration", "test")):
        for label, name in enumerate(("real", "fake")):
            (folder / "data" / split / name).mkdir(parents=True)
            for index in range(2):
                image = crop(8 * place + 4 * label + index)
                image.save(folder / "data" / split / name / f"{index}.png")
    return folder


@pytest.fixture
def project(clean: Path, tmp_path: Path) -> Path:
    return shutil.copytree(clean, tmp_path / "a project")


@pytest.fixture
def real(project: Path) -> Path:
    """The folder that the situations are made in."""
    return project / "data" / "calibration" / "real"


def said(answer: Answer) -> str:
    """Return what the command says of the calibration files."""
    assert answer.code == 0, answer.err
    (line,) = [each for each in answer.err.splitlines() if each.startswith("calibration files")]
    return line


def exif(orientation: int) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    return found


def encoded(kind: str, image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_every_format_of_cameras_phones_and_the_web(
    project: Path, real: Path, edgekit: Edgekit
) -> None:
    kinds = {
        "a.jfif": "JPEG", "b.jpe": "JPEG", "c.mpo": "MPO", "d.apng": "PNG", "e.gif": "GIF",
        "f.avif": "AVIF", "g.JPG.1": "JPEG", "h": "WEBP", "i.pgm": "PPM", "j.TIFF": "TIFF",
    }  # fmt: skip
    for place, (name, kind) in enumerate(kinds.items()):
        (real / name).write_bytes(encoded(kind, crop(20 + place)))
    answer = edgekit("calibrate", "--json", cwd=project)
    assert answer.json["samples"] == 4 + len(kinds)
    assert said(answer).endswith(f"{4 + len(kinds)} samples")


def test_what_is_no_sample_is_counted_and_what_systems_leave_behind_is_not(
    project: Path, real: Path, edgekit: Edgekit
) -> None:
    for name in ("a.heic", "b.heic", "c.jp2", "d.cr2", "e.mp4", "f.zip", "g.txt", "h.png.part"):
        (real / name).write_bytes(b"something")
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._0.png"):
        (real / name).write_bytes(b"something")
    (project / "data" / "calibration" / "loose.png").write_bytes(encoded("PNG", crop(1)))
    (project / "data" / "calibration" / "drawn").mkdir()
    crop(2).save(project / "data" / "calibration" / "drawn" / "x.png")
    line = said(edgekit("calibrate", cwd=project))
    if not reads_heif():
        assert "10 of 14 files are no samples: 2 .heic (real/a.heic; convert them, or" in line
        assert "pip install pillow-heif" in line
    for part in (
        "1 .jp2 (real/c.jp2; convert them)",
        "1 .cr2 (real/d.cr2; develop them)",
        "1 .mp4 (real/e.mp4; take frames out of them)",
        "1 .zip (real/f.zip; unpack them)",
        "1 .txt (real/g.txt)",
        "1 .part (real/h.png.part)",
        "1 in no class folder (loose.png)",
        "1 in drawn, which is no class (drawn/x.png)",
    ):
        assert part in line
    assert "Thumbs" not in line


def test_links_are_followed_once(
    project: Path, real: Path, tmp_path_factory: pytest.TempPathFactory, edgekit: Edgekit
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    crop(30).save(elsewhere / "x.png")
    os.symlink(elsewhere, real / "slice")
    os.symlink(elsewhere, real / "twin")
    os.symlink("..", real / "loop")
    os.symlink("nowhere.png", real / "lost.png")
    answer = edgekit("calibrate", "--json", cwd=project)
    assert answer.json["samples"] == 5
    line = said(answer)
    assert "3 of 8 files are no samples" in line
    assert "1 link to a folder that is read already (real/twin)" in line
    assert "1 link to a folder that holds the dataset (real/loop)" in line
    assert "1 link to nothing (real/lost.png)" in line
    crop(31).save(elsewhere / "y.png")  # behind the link, and seen
    assert edgekit("calibrate", "--json", cwd=project).json["samples"] == 6


def test_a_test_image_behind_a_link_is_a_leak(
    project: Path, real: Path, tmp_path_factory: pytest.TempPathFactory, edgekit: Edgekit
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "twin").write_bytes((real / "0.png").read_bytes())
    os.symlink(elsewhere, project / "data" / "test" / "real" / "slice")
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    assert "is the same file as" in answer.complaint


@pytest.fixture
def unreadable(project: Path) -> Iterator[Path]:
    """A folder that nobody but root may list."""
    folder = project / "data" / "calibration" / "real" / "slice"
    folder.mkdir()
    folder.chmod(0)
    yield folder
    folder.chmod(0o755)


def test_a_folder_that_may_not_be_read_is_refused(
    project: Path, unreadable: Path, edgekit: Edgekit
) -> None:
    if os.access(unreadable, os.R_OK):
        pytest.skip("this user may read everything: run as another one than root")
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    assert "cannot list folder" in answer.complaint
    assert not (project / "build" / "calibration").exists()


@pytest.mark.parametrize(
    ("setting", "policy"),
    [("", "they are turned upright"), ('orientation = "stored"', "it is not applied")],
)
def test_a_photo_that_exif_turns(
    project: Path, real: Path, edgekit: Edgekit, setting: str, policy: str
) -> None:
    for index in range(3):
        crop(20 + index).save(real / f"phone_{index}.jpg", exif=exif(6))
    path = project / "edgekit.toml"
    path.write_text(path.read_text().replace("std = 0.5", f"std = 0.5\n{setting}"))
    line = said(edgekit("calibrate", cwd=project))
    assert f"3 of 7 images carry an EXIF orientation: {policy}" in line


def test_transparent_pixels_and_animations(project: Path, real: Path, edgekit: Edgekit) -> None:
    glass = crop(20).convert("RGBA")
    glass.putalpha(100)
    glass.save(real / "glass.png")
    crop(21).quantize(64).save(real / "palette.png", transparency=5)
    for place, suffix in enumerate(("gif", "png", "webp", "avif", "tif", "mpo")):
        first, more = crop(22 + place), [crop(40 + place)]
        first.save(real / f"many.{suffix}", save_all=True, append_images=more)
    answer = edgekit("calibrate", "--json", cwd=project)
    line = said(answer)
    assert answer.json["samples"] == 12
    assert "2 of 12 images have transparent pixels: they are laid over white" in line
    assert "6 of 12 images have several frames or pages: the first is read" in line


def test_unusual_pixels_are_read(project: Path, real: Path, edgekit: Edgekit) -> None:
    crop(20).convert("CMYK").save(real / "print.jpg")
    crop(21).quantize(16).save(real / "palette.png")
    crop(22).convert("1").save(real / "fax.tif")
    crop(23).convert("LA").save(real / "grey.png")
    Image.new("RGB", (1, 1), "red").save(real / "dot.png")
    answer = edgekit("calibrate", "--json", cwd=project)
    assert answer.code == 0, answer.err
    assert answer.json["samples"] == 9


_PHOTO = encoded("JPEG", crop(20))
_REFUSED = {
    "sixteen.png": (encoded("PNG", Image.fromarray(np.full((40, 40), 60_000, np.uint16))),
                    "mode I;16.*8 bits per channel"),
    "lab.tif": (encoded("TIFF", crop(20).convert("LAB")), "mode LAB.*8 bits per channel"),
    "float.tif": (encoded("TIFF", crop(20).convert("F")), "mode F.*8 bits per channel"),
    "empty.jpg": (b"", r"is empty \(0 bytes\)"),
    "half.jpg": (_PHOTO[: len(_PHOTO) // 2], "is damaged"),
    "page.jpg": (b"<!DOCTYPE html><html>404", "is a web page.*fetch the picture again"),
    "paper.jpg": (b"%PDF-1.7 and so on", "is a PDF document"),
    "thin.png": (encoded("PNG", Image.new("RGB", (1, 700_000))), "is too thin"),
    "huge.png": (encoded("PNG", Image.new("1", (10_001, 10_001))), "is too large"),
}  # fmt: skip


@pytest.mark.parametrize("name", _REFUSED)
@pytest.mark.filterwarnings("ignore:Image size")
def test_what_cannot_be_read_is_one_line(
    project: Path, real: Path, edgekit: Edgekit, name: str
) -> None:
    content, message = _REFUSED[name]
    (real / name).write_bytes(content)
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2, answer.err
    assert re.search(rf"{name}.*({message})", answer.complaint), answer.complaint
    assert not (project / "build" / "calibration").exists()


def test_upper_case_is_said_and_decomposed_letters_are_no_matter(
    project: Path, edgekit: Edgekit
) -> None:
    calibration = project / "data" / "calibration"
    (calibration / "real").rename(calibration / "Real")
    answer = edgekit("calibrate", cwd=project)
    assert answer.code == 2
    assert "Folder 'Real' is written otherwise" in answer.complaint
    for split in ("calibration", "test"):
        place = project / "data" / split
        next(place.glob("[Rr]eal")).rename(place / "re\u0301el le\u0301ger")
    path = project / "edgekit.toml"
    path.write_text(path.read_text().replace('"real"', '"r\u00e9el l\u00e9ger"'))
    assert edgekit("calibrate", "--json", cwd=project).json["samples"] == 4


def test_any_name_that_a_file_can_have(project: Path, real: Path, edgekit: Edgekit) -> None:
    names = (b"a\nb.png", b"\x1b[31mred.png", b"\xff\xfe.png", b"-n.png", b"x" * 251 + b".png")
    for place, name in enumerate(names):
        Path(os.fsdecode(os.path.join(os.fsencode(real), name))).write_bytes(
            encoded("PNG", crop(20 + place))
        )
        Path(os.fsdecode(os.path.join(os.fsencode(real), name + b"s"[: 255 - len(name)]))).touch()
    answer = edgekit("calibrate", "--json", cwd=project)
    assert answer.json["samples"] == 9
    assert "\x1b" not in said(answer)


@pytest.fixture
def bundle(project: Path, real: Path, edgekit: Edgekit) -> Path:
    """The bundle of a project whose golden samples are a turned and a half-transparent picture."""
    crop(20).save(real / "0.png", exif=exif(6))
    glass = crop(21).convert("RGBA")
    glass.putalpha(Image.linear_gradient("L").resize(glass.size))
    glass.save(real / "1.png")
    answer = edgekit("export", "-t", "x86", "--json", cwd=project)
    assert answer.code == 0, answer.err
    return project / answer.json["bundles"][0]["path"]


def test_an_app_that_reads_files_otherwise_is_told_which_step(
    project: Path, bundle: Path, edgekit: Edgekit
) -> None:
    written = json.loads((bundle / "manifest.json").read_text())["signature"]
    signature = Signature.parse(written, "the manifest")
    rule = signature.inputs[0].preprocessing
    assert rule is not None
    assert (rule.orientation, rule.alpha) == ("exif", "white")
    samples = json.loads((bundle / "golden" / "expected.json").read_text())["samples"]
    files = [bundle / "golden" / each["files"]["image"] for each in samples]
    (project / "app").mkdir()
    for change, step in (
        ({}, "pass"),
        ({"orientation": "stored"}, "orientation: EXIF not applied"),
        ({"alpha": "drop"}, "alpha: alpha dropped"),
        ({"alpha": "black"}, "alpha: transparent pixels over black"),
    ):
        habit = rule.model_copy(update=change)
        given = [preprocess(Image.open(path), habit) for path in files]
        np.save(project / "app" / "image.npy", np.concatenate(given))
        answer = edgekit("verify", str(bundle), "--inputs", "app", cwd=project)
        assert step in answer.out, answer.out


def test_results_count_the_samples_and_what_was_left_out(
    project: Path, real: Path, edgekit: Edgekit
) -> None:
    (real / "notes.txt").write_text("not a picture")
    (project / "data" / "test" / "fake" / "a.cr2").write_bytes(b"raw")
    edgekit("run", "--json", cwd=project)
    results = json.loads((project / "build" / "report" / "results.json").read_text())["data"]
    assert results["calibration"]["images"] == results["test"]["images"] == 4
    assert results["calibration"]["files"]["files"] == 5
    (left,) = results["test"]["files"]["left_out"]
    assert (left["kind"], left["count"], left["example"]) == (".cr2", 1, "fake/a.cr2")
    page = (project / "build" / "report" / "index.html").read_text()
    assert "1 of 5 files are no samples: 1 .cr2" in page
    again = edgekit("run", "--json", cwd=project).err.splitlines()
    lines = [line for line in again if " files " in line]
    assert len(lines) == 2
    assert all(" reused " in line and "no samples" in line for line in lines), again


def test_opening_as_the_library_does_says_the_same(project: Path, real: Path) -> None:
    (real / "notes.txt").write_text("not a picture")
    signature = Signature(
        inputs=(image_input(Preprocessing(size=(8, 8))),), classes=("real", "fake"), positive="fake"
    )
    (left,) = open_dataset(project / "data" / "calibration", signature).left_out
    assert left.kind == ".txt"
