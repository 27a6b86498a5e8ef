import textwrap

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from edgekit.detectors.detector import save_detector
from edgekit.detectors.registry import load_detector, open_detector
from edgekit.errors import InputError
from edgekit.files import write_json

CODE = """
import torch
from torch import nn
from blocks import hidden


class Fusion(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.rgb, self.depth = nn.Linear(12, width), nn.Linear(4, width)
        self.head = nn.Linear(width, 2)

    def forward(self, rgb, depth):
        return self.head(hidden(self.rgb(rgb.flatten(1)) + self.depth(depth.flatten(1))))


def make(width=8):
    return Fusion(width)


def fails():
    raise RuntimeError("no such backbone")


def leaves():
    raise SystemExit(3)


def nothing():
    return {"weights": 1}


number = 3
"""
BLOCKS = "def hidden(x):\n    return x.relu()\n"
SIGNATURE = {
    "inputs": [
        {"name": "rgb", "shape": [1, 3, 2, 2], "preprocessing": {"size": [2, 2]}},
        {"name": "depth", "shape": [1, 1, 2, 2], "layout": "ANY"},
    ],
    "classes": ["live", "spoof"],
    "positive": "spoof",
    "threshold": 0.2,
}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code/model.py").write_text(CODE)
    (tmp_path / "code/blocks.py").write_text(BLOCKS)
    return tmp_path


@pytest.fixture
def table():
    return {"kind": "factory", "factory": "code/model.py:make", "signature": SIGNATURE}


def load(table, base):
    return load_detector(table, base, "[detector] of edgekit.toml")


def test_a_function_makes_a_model_of_several_inputs(project, table):
    model = load(table, project).model
    save_file({f"module.{k}": v for k, v in model.state_dict().items()}, project / "w.safetensors")
    detector = load(table | {"checkpoint": "w.safetensors"}, project)
    arrays = (np.ones((3, 3, 2, 2), np.float32), np.ones((3, 1, 2, 2), np.float32))
    with torch.no_grad():
        wanted = model(*(torch.from_numpy(array) for array in arrays))
    np.testing.assert_array_equal(detector.logits(arrays), wanted.numpy())
    assert detector.signature.threshold == 0.2
    assert not detector.model.training


def test_arguments_are_given(project, table):
    assert load(table | {"arguments": {"width": 5}}, project).model.head.in_features == 5


def test_an_installed_module_or_one_of_the_project_serves(project, table):
    (project / "mine").mkdir()
    (project / "mine/__init__.py").touch()
    (project / "mine/nets.py").write_text(
        textwrap.dedent(BLOCKS) + CODE.replace("from blocks", "#")
    )
    detector = load(table | {"factory": "mine.nets:make"}, project)
    assert type(detector.model).__module__ == "mine.nets"


def test_the_path_of_imports_is_left_as_it_was(project, table):
    import sys

    before = list(sys.path)
    load(table, project)
    assert sys.path == before


@pytest.mark.parametrize(
    ("factory", "words"),
    [
        ("code/missing.py:make", "missing.py does not exist"),
        ("no_such_package.module:make", "no_such_package"),
        ("code/model.py:mak", "Did you mean make"),
        ("code/model.py:number", "no such function"),
        ("code/model.py", "names no function"),
        (":make", "names no function"),
        ("code/model.py:fails", "RuntimeError: no such backbone"),
        ("code/model.py:leaves", "SystemExit"),
        ("code/model.py:nothing", "returns dict, not a torch.nn.Module"),
        ("code/broken.py:make", "SyntaxError"),
        ("code/model.py:Fusion", "missing 1 required positional argument"),
    ],
)
def test_factories_that_fail(project, table, factory, words):
    (project / "code/broken.py").write_text("def make(:\n")
    with pytest.raises(InputError, match=words) as caught:
        load(table | {"factory": factory}, project)
    assert len(str(caught.value).splitlines()) == 1


def test_weights_of_another_config(project, table):
    weights = load(table, project).model.state_dict()
    save_file(weights, project / "w.safetensors")
    with pytest.raises(InputError, match=r"'rgb.weight' has shape \(8, 12\).* asks for \(9, 12\)"):
        load(table | {"arguments": {"width": 9}, "checkpoint": "w.safetensors"}, project)


def test_a_poisoned_checkpoint_does_not_run(project, table, write_bomb):
    mark = write_bomb(project / "w.pt")
    with pytest.raises(InputError, match="pickled objects"):
        load(table | {"checkpoint": "w.pt"}, project)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"positive": "fake"}, "signature: positive class 'fake'"),
        ({"inputs": SIGNATURE["inputs"][:1]}, "does not run on inputs"),
        ({"classes": ["live", "spoof", "mask"]}, r"wants logits of shape \(1, 3\)"),
        ({"threshold": 1.5}, "signature.threshold"),
    ],
)
def test_a_signature_that_does_not_fit(project, table, change, words):
    with pytest.raises(InputError, match=words):
        load(table | {"signature": SIGNATURE | change}, project)


def test_it_is_not_saved_as_a_folder_that_runs_code(project, table):
    with pytest.raises(InputError, match="came from code"):
        save_detector(load(table, project), project / "saved")
    assert not (project / "saved").exists()


def test_a_folder_cannot_name_code_to_run(tmp_path):
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'it-ran')!r}, 'w')")
    architecture = {"kind": "factory", "factory": "evil.py:make"}
    record = {"format": 1, "signature": SIGNATURE, "architecture": architecture}
    write_json(tmp_path / "detector.json", record)
    save_file(nn.Linear(2, 2).state_dict(), tmp_path / "weights.safetensors")
    with pytest.raises(InputError, match="'factory' is not opened from a folder"):
        open_detector(tmp_path)
    assert not (tmp_path / "it-ran").exists()
