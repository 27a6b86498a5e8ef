import dataclasses

import pytest
import torch
from torch import nn

from edgekit.detectors.detector import Detector, check_outputs, save_detector
from edgekit.detectors.headed import Headed
from edgekit.detectors.registry import KINDS, load_detector, module_of, open_detector
from edgekit.detectors.timm import new_student
from edgekit.errors import InputError
from edgekit.files import read_json, write_json
from edgekit.signature import Preprocessing, Signature, image_input


@pytest.fixture
def student():
    rule = Preprocessing(size=(32, 32))
    signature = Signature(inputs=(image_input(rule),), classes=("a", "b"), positive="b")
    return new_student("test_resnet", signature)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_loaded(kind):
    assert callable(module_of(kind, "x").load)


@pytest.mark.parametrize("table", [{}, {"kind": "onnx"}])
def test_an_unknown_kind(tmp_path, table):
    with pytest.raises(InputError, match=r"\[teacher\]: unknown kind .* Use one of open_clip"):
        load_detector(table, tmp_path, "[teacher]")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_table_names_the_first_key_it_wants(tmp_path, kind):
    with pytest.raises(InputError, match=f"settings of kind {kind}: .*Field required"):
        load_detector({"kind": kind}, tmp_path, "[teacher]")


def test_weights_that_share_memory_are_saved_twice(tmp_path, student):
    weight = student.model.head.weight
    student.model.backbone.register_parameter("same", weight)
    save_detector(student, tmp_path / "saved")
    saved = (tmp_path / "saved/weights.safetensors").read_bytes()
    assert b"backbone.same" in saved
    assert b"head.weight" in saved


def test_a_saved_folder_is_refused_when_it_is_not_whole(tmp_path, student):
    folder = tmp_path / "saved"
    save_detector(student, folder)
    weights = folder / "weights.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-4])
    with pytest.raises(InputError, match="not a whole safetensors file"):
        open_detector(folder)
    weights.unlink()
    with pytest.raises(InputError, match="do not exist"):
        open_detector(folder)
    (folder / "detector.json").unlink()
    with pytest.raises(InputError, match=r"detector.json does not exist"):
        open_detector(folder)


def test_a_record_of_another_format(tmp_path, student):
    save_detector(student, tmp_path / "saved")
    path = tmp_path / "saved/detector.json"
    write_json(path, read_json(path) | {"format": 99})
    with pytest.raises(InputError, match="has format 99"):
        open_detector(tmp_path / "saved")


class Wrong(nn.Module):
    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def forward(self, image):
        return self.answer


@pytest.mark.parametrize("answer", [torch.ones(1, 3), torch.ones(2), (torch.ones(1, 2),), None])
def test_outputs_that_are_no_logits(student, answer):
    with pytest.raises(InputError, match="wants logits of shape"):
        check_outputs(dataclasses.replace(student, model=Wrong(answer)), "x")


def test_headed_shows_the_embedding_beside_the_logits():
    model = Headed(nn.Flatten(), nn.Linear(12, 2))
    image = torch.rand(3, 3, 2, 2)
    assert torch.equal(model.head(model.embed(image)), model(image))


def test_another_threshold_is_another_detector(student):
    assert isinstance(student, Detector)
    assert student.with_threshold(0.9).signature.threshold == 0.9
    assert student.signature.threshold == 0.5
