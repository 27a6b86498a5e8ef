"""The students that the peer benchmark quantizes, with their training as data."""

from dataclasses import dataclass

import torch

from benchmarks.recipe import Recipe, Stage
from edgekit.detectors.detector import Detector
from edgekit.detectors.tables import unknown
from edgekit.detectors.timm_network import architecture_of, build, config_of
from edgekit.signature import Preprocessing, Signature, image_input

CLASSES = ("real", "fake")


@dataclass(frozen=True)
class Student:
    """A network and how it is trained.

    Attributes:
        model: timm's name.
        size: side of the pictures that it takes, pixels.
        recipe: its training.
    """

    model: str
    size: int
    recipe: Recipe


_LIGHT = (Stage(64, 350, 32), Stage(128, 50, 16), Stage(224, 16, 12))
# A step of these costs several times as much, and they need fewer.
_HEAVY = (Stage(64, 240, 24), Stage(128, 40, 12), Stage(224, 12, 8))
_TOWER = (Stage(32, 250, 64), Stage(64, 250, 32), Stage(224, 20, 6))

STUDENTS: dict[str, Student] = {
    student.model: student
    for student in (
        Student("mobilenetv4_conv_small", 224, Recipe(_LIGHT, rate=2e-3)),
        Student("repvit_m0_9", 224, Recipe(_HEAVY, rate=2e-3)),
        Student("fastvit_t8", 256, Recipe(_HEAVY, rate=2e-3)),
        Student("efficientvit_b0", 224, Recipe(_LIGHT, rate=2e-3)),
        Student("mobilevitv2_050", 256, Recipe(_HEAVY, rate=2e-3)),
        Student("vit_tiny_patch16_224", 224, Recipe(_TOWER, rate=1e-3, bfloat16=True)),
        # The image tower of TinyCLIP ViT-8M/16 (Wu et al. 2023).
        Student("vit_xsmall_patch16_clip_224", 224, Recipe(_TOWER, rate=1e-3, bfloat16=True)),
    )
}


def find_student(name: str) -> Student:
    """Look a student up.

    Raises:
        InputError: when there is none of that name.
    """
    if name not in STUDENTS:
        raise unknown("student", name, STUDENTS)
    return STUDENTS[name]


def new_detector(student: Student) -> Detector:
    """Make a student that is not trained yet.

    Mean and deviation are timm's of that name. The picture is cropped around its centre and never
    resized, which would wash out what the classes differ by.

    Raises:
        InputError: when timm does not know the network or it does not take such pictures.
    """
    size, config = (student.size, student.size), config_of(student.model)
    rule = Preprocessing(size=size, resize="none", mean=config["mean"], std=config["std"])
    signature = Signature(inputs=(image_input(rule),), classes=CLASSES, positive=CLASSES[1])
    architecture = architecture_of(student.model, len(CLASSES), size, {})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(student.recipe.seed)
        return Detector(build(architecture), signature, architecture)
