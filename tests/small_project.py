"""A small real project, run once for all workers and copied for every test that needs it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
import skimage
import torch
from filelock import FileLock
from PIL import Image, ImageFilter
from safetensors.torch import save_file

SIZE = 64
PHOTOGRAPHS = {
    "train": ("astronaut.png", "coffee.png"),
    "validation": ("chelsea.png",),
    "calibration": ("ihc.png",),
    "test": ("rocket.jpg", "motorcycle_left.png"),
}
PROJECT = """
[project]
name = "small"

[teacher]
kind = "open_clip"
model = "teacher"
head = "teacher/head.safetensors"
classes = ["real", "fake"]
positive = "fake"

[student]
model = "mobilenetv4_conv_small_050"

[data]
train = "data/train"
validation = "data/validation"
calibration = "data/calibration"
test = "data/test"

[distill]
epochs = 1
batch_size = 8

[budget]
auc = 1.0
ap = 1.0
accuracy = 1.0
flips = 1.0

[bench]
pairs = 2
runs = 5
warmup = 1
max_ratio = 1e30
max_pairs = 2

[targets.jetson]
[targets.iphone]
accept = "compiled"
[targets.android]
[targets.x86]
"""


@dataclass(frozen=True)
class Answer:
    """What a command came back with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line that a user's mistake ends in."""
        lines = [line for line in self.err.splitlines() if line.startswith("edgekit:")]
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        return lines[0]


Edgekit = Callable[..., Answer]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "edgekit", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.fixture
def edgekit(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Edgekit]:
    """Run the command line in this process, which has torch imported already."""
    from edgekit.cli.app import app

    handler = signal.getsignal(signal.SIGTERM)

    def start(*arguments: str, cwd: Path = Path()) -> Answer:
        monkeypatch.chdir(cwd)
        capfd.readouterr()
        try:
            code = app(list(arguments), standalone_mode=False) or 0
        except SystemExit as end:
            code = end.code
        except Exception as error:  # what typer itself says about usage
            code = getattr(error, "exit_code", 1)
            if code == 1:
                raise
        captured = capfd.readouterr()
        return Answer(int(code), captured.out, captured.err)

    yield start
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture(scope="session")
def fresh_edgekit() -> Edgekit:
    """Start the command line in a process of its own."""

    def start(*arguments: str, cwd: Path = Path(), timeout: float = 600) -> Answer:
        done = subprocess.run(
            command(*arguments),
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=environment(),
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return start


def _write_crops(folder: Path, photographs: tuple[str, ...], count: int) -> None:
    """Real: crops. Fake: the same crops, blurred."""
    for name in ("real", "fake"):
        (folder / name).mkdir(parents=True)
    for photograph in photographs:
        image = Image.open(Path(skimage.__file__).parent / "data" / photograph).convert("RGB")
        for index in range(count):
            left, top = (index * 37) % (image.width - SIZE), (index * 53) % (image.height - SIZE)
            crop = image.crop((left, top, left + SIZE, top + SIZE))
            stem = Path(photograph).stem
            crop.save(folder / "real" / f"{stem}_{index}.png")
            blurred = crop.filter(ImageFilter.GaussianBlur(2))
            blurred.save(folder / "fake" / f"{stem}_{index}.png")


def _write_teacher(folder: Path) -> None:
    """A tiny vision tower with random weights, in open_clip's own folder format."""
    from open_clip.model import CLIPVisionCfg, _build_vision_tower

    tower = {"image_size": SIZE, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16}
    config = {
        "model_cfg": {"embed_dim": 32, "vision_cfg": tower, "text_cfg": {}},
        "preprocess_cfg": {
            "size": [SIZE, SIZE],
            "mean": [0.5, 0.5, 0.5],
            "std": [0.25, 0.25, 0.25],
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
    }
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    weights = _build_vision_tower(32, CLIPVisionCfg(**tower)).state_dict()
    named = {f"visual.{name}": tensor.contiguous() for name, tensor in weights.items()}
    save_file(named, folder / "open_clip_model.safetensors")
    head = {"weight": torch.randn(2, 32), "bias": torch.zeros(2)}
    save_file(head, folder / "head.safetensors")


@pytest.fixture(scope="session")
def fresh_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with nothing made yet; do not change it."""
    folder = tmp_path_factory.mktemp("fresh") / "a project"  # a space, as people have them
    for split, photographs in PHOTOGRAPHS.items():
        _write_crops(folder / "data" / split, photographs, 12)
    _write_teacher(folder / "teacher")
    (folder / "edgekit.toml").write_text(PROJECT)
    return folder


@pytest.fixture(scope="session")
def first_run(
    fresh_project: Path, fresh_edgekit: Edgekit, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Answer]:
    """A project after `edgekit run`, and what that said; do not change it."""
    place = tmp_path_factory.getbasetemp()
    place = (place.parent if "PYTEST_XDIST_WORKER" in os.environ else place) / "done"
    folder, said = place / "a project", place / "said.json"
    with FileLock(f"{place}.lock"):  # the worker that comes first makes it for the others
        if not said.exists():
            shutil.copytree(fresh_project, folder)
            said.write_text(json.dumps(asdict(fresh_edgekit("run", "--json", cwd=folder))))
    return folder, Answer(**json.loads(said.read_text()))


@pytest.fixture
def new_project(fresh_project: Path, tmp_path: Path) -> Path:
    """A copy of the project with nothing made yet."""
    return shutil.copytree(fresh_project, tmp_path / "project")


@pytest.fixture
def done_project(first_run: tuple[Path, Answer], tmp_path: Path) -> Path:
    """A copy of the project after `edgekit run`."""
    return shutil.copytree(first_run[0], tmp_path / "project")
