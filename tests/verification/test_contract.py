"""What a manifest may not say otherwise than the student."""

import numpy as np
import pytest

from edgekit.detectors.score import score
from edgekit.manifest import read_manifest, write_manifest
from edgekit.signature import Preprocessing, Signature, image_input
from edgekit.verification.contract import breaches, in_order
from edgekit.verification.parity import Budget
from edgekit.verification.verify import verify_bundle

RULE = Preprocessing(size=(64, 64), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
STUDENT = Signature(inputs=(image_input(RULE),), classes=("real", "fake"), positive="fake")
WIDE = Budget(auc=0.9, ap=0.9, accuracy=0.9, flips=0.9)


def edited(**update):
    rule = RULE.model_copy(update=update)
    return STUDENT.model_copy(update={"inputs": (image_input(rule),)})


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (edited(mean=(0.5, 0.5, 0.5)), "image.mean"),
        (edited(kernel="bilinear"), "image.kernel"),
        (edited(colour="BGR"), "image.colour"),
        (edited(scale=1.0), "image.scale"),
        (STUDENT.with_threshold(0.4), "threshold"),
        (STUDENT.model_copy(update={"classes": ("fake", "real")}), "classes"),
        (STUDENT.model_copy(update={"positive": "real"}), "positive"),
        (STUDENT.model_copy(update={"inputs": (image_input(RULE, "photo"),)}), "inputs"),
    ],
)
def test_every_edit_is_named(other, field):
    assert field in [each.field for each in breaches(other, STUDENT)]
    assert breaches(other, other) == []


def test_the_last_digit_of_a_figure_is_no_edit():
    assert breaches(edited(scale=RULE.scale * (1 + 1e-9)), STUDENT) == []


def test_logits_are_read_by_the_names_of_their_classes():
    logits = np.array([[1.0, 2.0]], dtype=np.float32)
    turned = STUDENT.model_copy(update={"classes": ("fake", "real")})
    assert in_order(logits, turned, STUDENT).tolist() == [[2.0, 1.0]]
    assert in_order(logits, STUDENT, STUDENT).tolist() == [[1.0, 2.0]]


def test_a_stale_threshold_fails_however_alike_the_decisions(bundles, student, data, tmp_path):
    bundle = bundles.copy("x86", "fp32", tmp_path)
    manifest, own = read_manifest(bundle), student.signature
    stale = own.with_threshold(own.threshold + 1e-4)
    write_manifest(manifest.model_copy(update={"signature": stale}), bundle)
    found = verify_bundle(bundle, score(student, data), data, WIDE, student=own)
    assert found.verdict == "fail"
    assert [each.field for each in found.contract] == ["threshold"]
    assert found.failures[0].startswith("contract: threshold is 0.5001 in the bundle")
    assert verify_bundle(bundle, score(student, data), data, WIDE).contract == ()
