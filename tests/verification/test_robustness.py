"""Disturbances that a whole artifact stands as its student does, and a damaged one does not."""

import pytest

from edgekit.dataset import open_dataset
from edgekit.detectors.score import score
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import InputError
from edgekit.signature import Input, Signature
from edgekit.verification.parity import Budget
from edgekit.verification.robustness import matrix, robustness
from edgekit.verification.verify import verify_bundle

NAMES = ("jpeg 30", "mirror")
WIDE = Budget(auc=0.9, ap=0.9, accuracy=0.9, flips=0.9)


class Gone:
    """A device that no run reaches any more."""

    name, settings = "gone", DeviceSettings(url="local")

    def __call__(self, bundle, inputs, request=None):
        raise AssertionError("it ran again")

    def evidence(self, target):
        return "host"


def test_the_same_is_done_to_both_models(bundles, student, data):
    found = list(robustness(bundles.of("x86", "fp32"), student, data, WIDE, NAMES))
    assert [cell.disturbance for cell in found] == list(NAMES)
    for cell in found:
        assert cell.found.tensor.max_abs < 1e-3
        assert cell.found.decision.flips.count == 0
    plain = score(student, data)
    assert abs(score(student, data.disturbed("jpeg 30")) - plain).max() > 1e-3


def test_every_disturbance_and_slice_has_a_cell(bundles, student, data):
    bundle = bundles.of("x86", "fp32")
    plain = verify_bundle(bundle, score(student, data), data, WIDE)
    found = matrix(plain, list(robustness(bundle, student, data, WIDE, NAMES)))
    assert list(found) == ["none", *NAMES]
    for cells in found.values():
        assert next(iter(cells)) == "all"
        assert cells["all"].verdict in ("pass", "inconclusive")
        assert set(cells) == {"all", *plain.decision.slices}


def test_finished_disturbances_are_not_run_again(bundles, student, data, tmp_path):
    bundle = bundles.of("x86", "fp32")
    first = list(robustness(bundle, student, data, WIDE, NAMES, kept=tmp_path))

    again = list(robustness(bundle, student, data, WIDE, NAMES, device=Gone(), kept=tmp_path))
    assert [cell.found.decision for cell in again] == [cell.found.decision for cell in first]


def test_what_has_no_picture_cannot_be_disturbed(bundles, student, tmp_path):
    inputs = (Input(name="x", shape=(1, 4), layout="ANY"),)
    signature = Signature(inputs=inputs, classes=("a", "b"), positive="b")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.npy").write_bytes(b"")
    data = open_dataset(tmp_path, signature)
    with pytest.raises(InputError, match="no picture to disturb"):
        next(robustness(bundles.of("x86", "fp32"), student, data, WIDE))
