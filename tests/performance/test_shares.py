import pytest

from edgekit.figure import Figure
from edgekit.manifest import read_manifest
from edgekit.performance.baseline import baseline_of
from edgekit.performance.shares import moved_of


@pytest.fixture
def manifest(bundles):
    return read_manifest(bundles.of("x86", "fp32"))


@pytest.fixture
def before(bundles, result):
    return baseline_of(bundles.of("x86", "fp32"), with_auc(result, 0.95, (-0.01, 0.002)))


def with_auc(result, value, interval):
    auc = result.measured["auc"].model_copy(update={"value": value, "interval": interval})
    return result.model_copy(update={"measured": {**result.measured, "auc": auc}})


def other_file(manifest):
    return manifest.model_copy(update={"files": {**manifest.files, manifest.artifact: "1" * 64}})


def test_the_baselines_own_file_has_not_moved(manifest, before, result):
    measured = with_auc(result, 0.95, (-0.01, 0.002)).measured
    assert moved_of(manifest, measured, before, {})["auc"] == (0, 0)


def test_another_file_may_have_moved_as_far_as_both_from_the_student(manifest, before, result):
    measured = with_auc(result, 0.951, (-0.004, 0.003)).measured
    low, high = moved_of(other_file(manifest), measured, before, {})["auc"]
    assert (low, high) == pytest.approx((-0.013, 0.006))
    assert low < before.figures["auc"].value - 0.951 < high


def test_the_same_images_beside_each_other_say_it_closer(manifest, before, result):
    moved = {"auc": Figure(name="auc", gain=1, reference=0.9, artifact=0.8, interval=(-0.2, -0.1))}
    measured = with_auc(result, 0.951, (-0.004, 0.003)).measured
    assert moved_of(other_file(manifest), measured, before, moved) == {"auc": (0.1, 0.2)}


def test_nothing_is_known_of_another_student_or_an_old_baseline(manifest, before, result, bundles):
    measured = with_auc(result, 0.951, (-0.004, 0.003)).measured
    taught_anew = other_file(manifest).model_copy(update={"detector_sha256": "2" * 64})
    assert moved_of(taught_anew, measured, before, {}) == {}
    older = baseline_of(bundles.of("x86", "fp32"), result)
    assert moved_of(other_file(manifest), measured, older, {}) == {}
    assert "interval" not in older.to_json()["figures"]["auc"]
