"""Users' mistakes: one clear line, the right exit code, nothing half-written."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from tests.small_project import Edgekit, command


def _no_checkpoint(project: Path) -> None:
    (project / "teacher" / "open_clip_model.safetensors").unlink()


def _truncated_checkpoint(project: Path) -> None:
    path = project / "teacher" / "open_clip_model.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty_checkpoint(project: Path) -> None:
    (project / "teacher" / "open_clip_model.safetensors").write_bytes(b"")


def _other_config(project: Path) -> None:
    path = project / "teacher" / "open_clip_config.json"
    path.write_text(path.read_text().replace('"width": 64', '"width": 128'))


def _broken_config(project: Path) -> None:
    (project / "teacher" / "open_clip_config.json").write_text("{")


def _head_of_another_teacher(project: Path) -> None:
    head = {"weight": torch.zeros(2, 7), "bias": torch.zeros(2)}
    save_file(head, project / "teacher" / "head.safetensors")


def _nan_weights(project: Path) -> None:
    path = project / "teacher" / "open_clip_model.safetensors"
    weights = load_file(path)
    weights["visual.proj"][0, 0] = float("nan")
    save_file(weights, path)


class _Payload:
    """What an attacker puts into a checkpoint."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.marker,)


def _pickle(project: Path) -> None:
    head = project / "teacher" / "head.pt"
    torch.save({"weight": _Payload(project / "pickle-ran")}, head)
    settings = project / "edgekit.toml"
    settings.write_text(settings.read_text().replace("head.safetensors", "head.pt"))


def _image(project: Path) -> Path:
    return sorted((project / "data" / "train" / "fake").iterdir())[0]


def _zero_byte_image(project: Path) -> None:
    _image(project).write_bytes(b"")


def _text_as_image(project: Path) -> None:
    _image(project).write_text("not an image")


def _truncated_image(project: Path) -> None:
    path = _image(project)
    path.write_bytes(path.read_bytes()[:-200])


def _huge_image(project: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(_image(project))


def _empty_class(project: Path) -> None:
    for path in (project / "data" / "train" / "fake").iterdir():
        path.unlink()


def _one_class(project: Path) -> None:
    _empty_class(project)
    (project / "data" / "train" / "fake").rmdir()


def _no_data(project: Path) -> None:
    settings = project / "edgekit.toml"
    settings.write_text(settings.read_text().replace('"data/train"', '"elsewhere"'))


def _replace(old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        settings = project / "edgekit.toml"
        assert old in settings.read_text()
        settings.write_text(settings.read_text().replace(old, new))

    return change


FAULTS = [
    (_no_checkpoint, "open_clip_model.safetensors"),
    (_truncated_checkpoint, "open_clip_model.safetensors"),
    (_empty_checkpoint, "open_clip_model.safetensors"),
    (_other_config, "shape"),
    (_broken_config, "open_clip_config.json"),
    (_head_of_another_teacher, "head"),
    (_nan_weights, "NaN"),
    (_pickle, "head.pt"),
    (_zero_byte_image, "0 bytes"),
    (_text_as_image, "not an image"),
    (_truncated_image, "damaged"),
    (_huge_image, "too large"),
    (_empty_class, "class 'fake' has no samples"),
    (_one_class, "class 'fake' has no samples"),
    (_no_data, "elsewhere"),
    (_replace('kind = "open_clip"', 'kind = "open_clop"'), "unknown kind 'open_clop'"),
    (
        _replace(
            'kind = "open_clip"\nmodel = "teacher"', 'kind = "hugging_face"\nmodel = "no/hub"'
        ),
        "no/hub",
    ),
    (_replace("mobilenetv4_conv_small_050", "mobilenetv4_conv_smal"), "mobilenetv4_conv_smal"),
    (_replace('positive = "fake"', 'positive = "spoof"'), "spoof"),
]


@pytest.mark.parametrize(
    ("fault", "said"), FAULTS, ids=[f"{n}-{fault.__name__}" for n, (fault, _) in enumerate(FAULTS)]
)
def test_a_detector_or_data_that_cannot_be_used(
    new_project: Path, edgekit: Edgekit, fault: Callable[[Path], None], said: str
) -> None:
    fault(new_project)
    answer = edgekit("distill", "--json", cwd=new_project)
    assert answer.code == 2, answer.err
    assert said in answer.complaint
    assert answer.json["exit_code"] == 2
    assert not (new_project / "build" / "student").exists()
    assert not (new_project / "pickle-ran").exists()
    assert not list(new_project.rglob("*.part"))


SETTINGS = [
    ("[targets.x86]", "[targets.toaster]", "unknown target 'toaster'"),
    ("[targets.x86]", '[targets.x86]\nprecision = "int4"', "targets.x86.precision"),
    ("epochs = 1", "epochs = -1", "distill.epochs"),
    ("epochs = 1", "epoch = 1", "distill.epoch"),
    ("[student]", "[studnet]", "studnet"),
    ('name = "small"', 'name = "small', "not TOML"),
    ('test = "data/test"', "", "calibration` and `test`"),
]


@pytest.mark.parametrize(("old", "new", "said"), SETTINGS)
def test_a_project_file_that_cannot_be(
    new_project: Path, edgekit: Edgekit, old: str, new: str, said: str
) -> None:
    _replace(old, new)(new_project)
    answer = edgekit("run", cwd=new_project)
    assert answer.code == 2
    assert said in answer.complaint
    assert "edgekit.toml" in answer.complaint or "target" in answer.complaint
    assert not (new_project / "build").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("export", "--target", "toaster"),
            "Use one of android, android-fp16, intel, iphone, jetson",
        ),
        (("export", "--target", "x86", "--precision", "int3"), "Use one of fp32, fp16, int8"),
        (("verify", "nowhere"), "is no bundle"),
        (("bench", "nowhere"), "is no bundle"),
        (("run", "nowhere"), "no project file"),
        (("verify", "nowhere", "--device", "moon"), "unknown device 'moon'"),
    ],
)
def test_arguments_that_cannot_be(
    new_project: Path, edgekit: Edgekit, arguments: tuple[str, ...], said: str
) -> None:
    answer = edgekit(*arguments, cwd=new_project)
    assert answer.code == 2
    assert said in answer.complaint


def test_no_project_here(tmp_path: Path, edgekit: Edgekit) -> None:
    answer = edgekit("export", "--target", "jetson", cwd=tmp_path)
    assert answer.code == 2
    assert "edgekit init" in answer.complaint
    assert not list(tmp_path.iterdir())


def test_a_project_is_not_written_over(tmp_path: Path, edgekit: Edgekit) -> None:
    assert edgekit("init", str(tmp_path / "new")).code == 0
    mine = tmp_path / "new" / "edgekit.toml"
    mine.write_text("mine")
    assert edgekit("init", str(tmp_path / "new")).code == 2
    assert mine.read_text() == "mine"


def test_a_target_whose_runtime_is_not_installed(done_project: Path) -> None:
    """As on a machine without coremltools: the import system does not find it."""
    code = (
        "import importlib.util, sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'coremltools':\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "real = importlib.util.find_spec\n"
        "importlib.util.find_spec = (\n"
        "    lambda name, *more: None if name == 'coremltools' else real(name, *more))\n"
        "sys.meta_path.insert(0, Missing())\n"
        "sys.argv = ['edgekit', 'export', '--target', 'iphone', '--precision', 'fp32']\n"
        "from edgekit.cli import main\nmain()"
    )
    done = subprocess.run(
        [command()[0], "-c", code], cwd=done_project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "coremltools" in done.stderr
    assert "pip install coremltools" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (done_project / "build" / "bundles" / "iphone-fp32").exists()


def test_a_full_disk(
    done_project: Path, edgekit: Edgekit, tiny_disk: Callable[[str], Path]
) -> None:
    disk = tiny_disk("size=600k")
    _replace('name = "small"', f'name = "small"\noutput = "{disk}"')(done_project)
    answer = edgekit("distill", cwd=done_project)
    assert answer.code == 2, answer.err
    assert "the disk is full" in answer.complaint
    assert not (disk / "student").exists()
    assert not list(disk.rglob("*.part"))


def test_a_read_only_folder(
    done_project: Path, edgekit: Edgekit, tiny_disk: Callable[[str], Path]
) -> None:
    disk = tiny_disk("ro,size=64k")
    _replace('name = "small"', f'name = "small"\noutput = "{disk}"')(done_project)
    answer = edgekit("distill", cwd=done_project)
    assert answer.code == 2, answer.err
    assert "read-only" in answer.complaint


def test_calibration_images_without_content(new_project: Path, edgekit: Edgekit) -> None:
    for path in (new_project / "data" / "calibration").rglob("*.png"):
        Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(path)
    answer = edgekit("calibrate", cwd=new_project)
    assert answer.code == 2
    assert "there is no range" in answer.complaint
    assert not (new_project / "build" / "calibration" / "ranges.npz").exists()
