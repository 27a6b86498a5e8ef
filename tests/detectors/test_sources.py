import subprocess
import sys

import pytest

from edgekit.detectors.sources import source_files


@pytest.fixture
def base(tmp_path):
    for folder in ("clip", "lora", "code", "mine"):
        (tmp_path / folder).mkdir()
    for name in ("head.safetensors", "w.safetensors", "model.pt2", "code/model.py", "real"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (
            {"kind": "open_clip", "model": "clip", "head": "head.safetensors"},
            ["clip", "head.safetensors"],
        ),
        (
            {"kind": "open_clip", "model": "ViT-L-14", "checkpoint": "w.safetensors"},
            ["w.safetensors"],
        ),
        ({"kind": "hugging_face", "model": "openai/clip", "lora": "lora"}, ["lora"]),
        ({"kind": "timm", "model": "resnet18"}, []),
        ({"kind": "timm", "model": "clip"}, []),
        ({"kind": "exported", "program": "model.pt2"}, ["model.pt2"]),
        ({"kind": "factory", "factory": "code/model.py:make"}, ["code/model.py"]),
        ({"kind": "factory", "factory": "mine.nets:make"}, ["mine"]),
        ({"kind": "factory", "factory": "no_such_package.nets:make"}, []),
        ({"kind": "open_clip", "model": "clip", "positive": "real", "classes": ["real"]}, ["clip"]),
        ({"kind": "open_clip", "model": "gone", "head": "gone.safetensors"}, []),
    ],
)
def test_files_that_decide(base, settings, names):
    assert source_files(settings, base) == [base / name for name in names]


def test_a_config_beside_the_checkpoint_counts(base):
    (base / "open_clip_config.json").touch()
    (base / "config.json").touch()
    table = {"kind": "open_clip", "model": "ViT-L-14", "checkpoint": "w.safetensors"}
    assert base / "open_clip_config.json" in source_files(table, base)
    table = {"kind": "timm", "model": "resnet18", "checkpoint": "w.safetensors"}
    assert base / "config.json" in source_files(table, base)


def test_an_installed_package_counts_without_being_imported(base):
    found = source_files({"kind": "factory", "factory": "timm.models:resnet18"}, base)
    assert [path.name for path in found] == ["timm"]


def test_nothing_heavy_is_imported():
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from edgekit.detectors.sources import source_files\n"
        "source_files({'kind': 'factory', 'factory': 'torch.nn:Linear'}, Path())\n"
        "print(sorted({'torch', 'timm', 'transformers', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
