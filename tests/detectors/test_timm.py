import json

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file
from timm.utils import reparameterize_model

from edgekit.detectors.detector import check_outputs, save_detector
from edgekit.detectors.registry import load_detector, open_detector
from edgekit.detectors.timm import build, new_student
from edgekit.errors import InputError
from edgekit.preprocess import preprocess
from edgekit.signature import Input, Preprocessing, Signature, image_input

SMALL = "test_resnet"  # timm's own tiny network for tests


@pytest.fixture
def table(labels):
    return {"kind": "timm", "model": SMALL, **labels}


@pytest.fixture
def signature():
    rule = Preprocessing(size=(64, 64), resize_to=72, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4))
    return Signature(
        inputs=(image_input(rule),), classes=("real", "fake"), positive="fake", threshold=0.3
    )


def load(table, base):
    return load_detector(table, base, "[student] of edgekit.toml")


def settled(detector):
    """Give batch norms the statistics of some images, as training would."""
    shape = detector.signature.inputs[0].shape[1:]
    detector.model.train()
    with torch.no_grad():
        for _ in range(8):
            detector.model(torch.rand(4, *shape))
    detector.model.eval()
    return detector


@pytest.mark.parametrize("name", ["mobileone_s0", "repvit_m0_9", "fastvit_t8"])
def test_students_round_trip_and_reparameterize(tmp_path, signature, name):
    student = settled(new_student(name, signature))
    save_detector(student, tmp_path / "student")
    again = open_detector(tmp_path / "student")
    image = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        wanted = student.model(image)
        assert torch.equal(again.model(image), wanted)
        merged = reparameterize_model(again.model)(image)
    torch.testing.assert_close(merged, wanted, atol=1e-4, rtol=1e-3)
    assert again.signature == student.signature
    assert sum(1 for _ in reparameterize_model(again.model).modules()) < sum(
        1 for _ in again.model.modules()
    )


def test_a_student_prepares_images_as_its_teacher_does(signature):
    student = new_student(SMALL, signature)
    assert student.signature == signature
    smaller = new_student(SMALL, signature, image_size=32).signature
    rule = smaller.inputs[0].preprocessing
    assert (rule.size, rule.resize_to, rule.mean) == ((32, 32), 36, (0.4, 0.5, 0.6))
    assert smaller.inputs[0].shape == (1, 3, 32, 32)
    assert (smaller.classes, smaller.threshold) == (("real", "fake"), 0.3)


def test_the_seed_decides_the_weights_and_leaves_no_trace(signature):
    torch.manual_seed(7)
    before = torch.rand(1)
    torch.manual_seed(7)
    first, second, other = (new_student(SMALL, signature, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(torch.rand(1), before)
    assert torch.equal(first.model.head.weight, second.model.head.weight)
    assert not torch.equal(first.model.head.weight, other.model.head.weight)


def test_the_head_fits_networks_whose_features_grow_before_it(signature):
    student = new_student("mobilenetv3_small_050", signature)
    assert student.model.backbone.num_features == 288
    assert student.model.head.in_features == 1024


def test_networks_of_fixed_size_are_told_theirs(tmp_path, signature):
    student = check_outputs(new_student("test_vit", signature), "student")
    assert student.architecture["options"] == {"img_size": 64}
    save_detector(student, tmp_path / "student")
    assert open_detector(tmp_path / "student").architecture == student.architecture


def test_a_grey_teacher_gets_a_grey_student(signature):
    rule = Preprocessing(size=(32, 32), colour="L", mean=(0.5,), std=(0.5,))
    grey = signature.model_copy(update={"inputs": (image_input(rule),)})
    student = check_outputs(new_student(SMALL, grey), "student")
    assert student.model(torch.zeros(1, 1, 32, 32)).shape == (1, 2)


def test_options_reach_timm(signature):
    student = new_student(SMALL, signature, drop_path_rate=0.1, global_pool="catavgmax")
    assert student.model.head.in_features == 2 * student.model.backbone.num_features


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("mobileone_s00", {}, "mobileone_s0"),
        ("hf-hub:timm/resnet18", {}, "would have to be downloaded"),
        (SMALL, {"no_such": 1}, "no_such"),
        (SMALL, {"pretrained": True}, "'pretrained' is not for edgekit"),
        (SMALL, {"checkpoint_path": "x.pt"}, "'checkpoint_path' is not for edgekit"),
        (SMALL, {"global_pool": ""}, "gives no embedding"),
        ("test_vit", {"img_size": 65}, "test_vit"),
    ],
)
def test_students_that_cannot_be_built(signature, name, options, words):
    with pytest.raises(InputError, match=words):
        new_student(name, signature, **options)


def test_a_folder_cannot_make_timm_download(tmp_path):
    architecture = {"kind": "timm", "model": SMALL, "classes": 2, "options": {"pretrained": True}}
    with pytest.raises(InputError, match="pretrained"):
        build(architecture)


def test_a_teacher_of_several_inputs_needs_another_kind(signature):
    depth = Input(name="depth", shape=(1, 1, 8, 8), layout="ANY")
    both = signature.model_copy(update={"inputs": (*signature.inputs, depth)})
    with pytest.raises(InputError, match="'image', 'depth'"):
        new_student(SMALL, both)


def test_an_untrained_network_takes_images_as_timm_does(tmp_path, table, photo):
    detector = load(table | {"model": "resnet18"}, tmp_path)
    config = timm.data.resolve_data_config({}, model=timm.create_model("resnet18"))
    wanted = timm.data.create_transform(**config)(photo)
    rule = detector.signature.inputs[0].preprocessing
    np.testing.assert_allclose(preprocess(photo, rule)[0], wanted.numpy(), atol=1e-5)


@pytest.fixture
def classifier(tmp_path):
    torch.manual_seed(5)
    model = timm.create_model(SMALL, num_classes=2).eval()
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    return model


def test_a_checkpoint_of_timm_answers_as_timm_does(tmp_path, table, classifier, see, photo):
    detector = load(table | {"checkpoint": "model.safetensors"}, tmp_path)
    pixels = preprocess(photo, detector.signature.inputs[0].preprocessing)
    with torch.no_grad():
        wanted = classifier(torch.from_numpy(pixels)).numpy()
    np.testing.assert_allclose(see(detector), wanted, atol=1e-5)


def test_a_checkpoint_of_edgekit_serves_too(tmp_path, table, signature, see):
    student = new_student(SMALL, signature)
    save_detector(student, tmp_path / "student")
    stated = {"checkpoint": "student/weights.safetensors", "image_size": 64, "resize_to": 72}
    stated |= {"mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.4], "kernel": "bicubic"}
    detector = load(table | stated, tmp_path)
    assert detector.signature.inputs == signature.inputs
    np.testing.assert_array_equal(see(detector), see(student))


def test_a_head_of_its_own_goes_before_the_classifier(tmp_path, table, classifier, write_head):
    weight, _ = write_head(tmp_path / "head.safetensors", classifier.num_features)
    names = {"checkpoint": "model.safetensors", "head": "head.safetensors"}
    assert torch.equal(load(table | names, tmp_path).model.head.weight, weight)


def test_a_student_may_start_from_a_classifier_of_other_classes(tmp_path, signature):
    model = timm.create_model(SMALL, num_classes=10)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    student = new_student(SMALL, signature, checkpoint=tmp_path / "model.safetensors")
    assert torch.equal(student.model.backbone.conv1[0].weight, model.conv1[0].weight)
    assert student.model.head.out_features == 2


@pytest.mark.parametrize("name", ["repvit_m0_9", "levit_128s"])
def test_it_may_start_from_one_with_two_heads(tmp_path, signature, name):
    save_file(timm.create_model(name).state_dict(), tmp_path / "model.safetensors")
    size = None if name == "repvit_m0_9" else 224
    new_student(name, signature, size, checkpoint=tmp_path / "model.safetensors")


def test_it_may_start_from_another_student(tmp_path, signature):
    first = new_student(SMALL, signature, seed=1)
    save_detector(first, tmp_path / "first")
    second = new_student(SMALL, signature, checkpoint=tmp_path / "first/weights.safetensors")
    assert torch.equal(second.model.backbone.conv1[0].weight, first.model.backbone.conv1[0].weight)
    assert not torch.equal(second.model.head.weight, first.model.head.weight)


def write_config(folder, architecture=SMALL, **config):
    whole = {"architecture": architecture, "pretrained_cfg": config}
    (folder / "config.json").write_text(json.dumps(whole))


def test_the_checkpoints_own_config_goes_before_timms(tmp_path, table, classifier):
    write_config(tmp_path, mean=[0.1, 0.2, 0.3], input_size=[3, 96, 96], crop_pct=0.8)
    named = table | {"checkpoint": "model.safetensors"}
    rule = load(named, tmp_path).signature.inputs[0].preprocessing
    assert (rule.size, rule.resize_to, rule.mean) == ((96, 96), 120, (0.1, 0.2, 0.3))
    overridden = load(named | {"mean": [0, 0, 0], "image_size": 48}, tmp_path)
    rule = overridden.signature.inputs[0].preprocessing
    assert (rule.size, rule.resize_to, rule.mean) == ((48, 48), 60, (0, 0, 0))


def test_a_config_of_another_network(tmp_path, table, classifier):
    write_config(tmp_path, "resnet50")
    with pytest.raises(InputError, match=f"'resnet50'.*{SMALL}"):
        load(table | {"checkpoint": "model.safetensors"}, tmp_path)


@pytest.mark.parametrize("mode", ["squash", "border"])
def test_other_ways_to_crop(tmp_path, table, classifier, mode):
    named = table | {"checkpoint": "model.safetensors"}
    write_config(tmp_path, crop_mode=mode, crop_pct=1.0)
    rule = load(named, tmp_path).signature.inputs[0].preprocessing
    assert rule.resize == {"squash": "squash", "border": "longest"}[mode]
    write_config(tmp_path, crop_mode=mode, crop_pct=0.9)
    with pytest.raises(InputError, match=f"crop_mode '{mode}', crop_pct 0.9"):
        load(named, tmp_path)
    assert load(named | {"resize": "squash"}, tmp_path)


def test_a_checkpoint_without_a_head(tmp_path, table):
    backbone = timm.create_model(SMALL, num_classes=0)
    save_file(backbone.state_dict(), tmp_path / "model.safetensors")
    with pytest.raises(InputError, match="have no classifier"):
        load(table | {"checkpoint": "model.safetensors"}, tmp_path)


def test_a_classifier_of_other_classes(tmp_path, table):
    save_file(timm.create_model(SMALL, num_classes=7).state_dict(), tmp_path / "model.safetensors")
    with pytest.raises(InputError, match="2 classes need"):
        load(table | {"checkpoint": "model.safetensors"}, tmp_path)


def test_a_checkpoint_of_another_network(tmp_path, table, classifier):
    with pytest.raises(InputError, match=r"weights .*model.safetensors"):
        load(table | {"model": "test_vit", "checkpoint": "model.safetensors"}, tmp_path)


def test_a_checkpoint_that_does_not_exist(tmp_path, table):
    with pytest.raises(InputError, match="do not exist"):
        load(table | {"checkpoint": "model.safetensors"}, tmp_path)
