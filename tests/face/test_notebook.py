"""The public face: a notebook without a project file."""

import subprocess
import sys
from pathlib import Path

import pytest

import edgekit
from edgekit.errors import InputError

# Ten lines of a notebook; {0} is a folder with a teacher and crops.
NOTEBOOK = """
import edgekit
teacher = edgekit.load_detector("{0}/teacher")
student = edgekit.calibrate(teacher, "{0}/calibration")
bundle = edgekit.export(student, "x86", "int8", out="{0}/x86-int8")
fp32 = edgekit.export(student, "x86", "fp32", out="{0}/x86-fp32")
quick = edgekit.BenchSettings(pairs=2, max_pairs=2, runs=5, warmup=1, launches=1)
result = edgekit.verify(bundle, teacher, "{0}/test", edgekit.Budget(auc=0.5))
speed = edgekit.bench(bundle, against=fp32, settings=quick)
print(result.verdict, result.decision.figures["auc"].interval, bundle.manifest.size_bytes)
print(speed.verdict, speed.against.ratio.interval)
"""


@pytest.fixture
def folder(tmp_path: Path, made, write_dataset) -> Path:
    """A folder with a saved Detector and two sets of crops."""
    from edgekit.detectors.detector import save_detector

    save_detector(made.detector, tmp_path / "teacher")
    for seed, name in enumerate(("calibration", "test")):
        write_dataset(tmp_path / name, count=8, seed=seed)
    return tmp_path


def test_a_notebook_of_ten_lines(folder: Path) -> None:
    assert len(NOTEBOOK.strip().splitlines()) == 10
    command = [sys.executable, "-c", NOTEBOOK.format(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith(("pass (", "inconclusive (", "fail ("))
    assert second.split()[0] in ("pass", "fail", "inconclusive")
    assert (folder / "x86-int8" / "manifest.json").is_file()


def test_a_student_learns_from_its_teacher(folder: Path, made) -> None:
    short = edgekit.DistillSettings(epochs=1, batch_size=4, losses={"logits": 1.0})
    sets = (folder / "calibration", folder / "test")
    student = edgekit.distill(made.detector, "test_resnet", *sets, short)
    assert student.signature.classes == made.detector.signature.classes
    assert 0 < student.signature.threshold < 1


@pytest.mark.slow
def test_a_search_without_a_project(folder: Path, made, write_dataset) -> None:
    heldout = write_dataset(folder / "heldout", count=8, seed=7)
    loose = edgekit.Budget(auc=1.0, ap=1.0, accuracy=1.0, flips=1.0)
    given = {"out": folder / "best", "heldout": heldout, "budget": loose}
    bundle = edgekit.export(made, "x86", "auto", **given)
    assert bundle.manifest.precision == "auto"
    assert bundle.manifest.recipe["name"]
    assert bundle.artifact.is_file()


def test_every_name_is_there() -> None:
    assert all(getattr(edgekit, name) is not None for name in edgekit.__all__)
    assert edgekit.__all__ == sorted(edgekit.__all__)
    with pytest.raises(AttributeError, match="no attribute 'train'"):
        _ = edgekit.train


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    heavy = "('torch', 'numpy', 'pydantic')"
    code = f"import edgekit, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda f, m: edgekit.load_detector(3), "detector takes a path, not int"),
        (lambda f, m: edgekit.load_detector(f / "none"), "none"),
        (lambda f, m: edgekit.load_detector({"kind": "magic"}), "unknown kind 'magic'"),
        (lambda f, m: edgekit.calibrate("teacher", f), "a Detector is needed, not str"),
        (lambda f, m: edgekit.calibrate(m.detector, f / "none"), "none does not exist"),
        (lambda f, m: edgekit.export(m.detector, "x86"), "export takes what calibrate returned"),
        (lambda f, m: edgekit.export(m, "toaster"), "unknown target 'toaster'"),
        (lambda f, m: edgekit.export(m, "x86", "int4"), "precision 'int4'"),
        (lambda f, m: edgekit.export(m, "x86", "auto"), "needs images that decide"),
        (lambda f, m: edgekit.verify(f, m.detector, f / "test"), "is no bundle"),
        (lambda f, m: edgekit.bench(f), "is no bundle"),
        (lambda f, m: edgekit.bench(None), "bundle takes a path, not NoneType"),
        (lambda f, m: edgekit.distill(m.detector, "no_such", f, f), "no_such"),
    ],
)
def test_what_cannot_be_right_is_one_line(folder: Path, made, call, said: str) -> None:
    with pytest.raises(InputError) as caught:
        call(folder, made)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.fix


def test_a_detector_is_known_by_what_it_is(made) -> None:
    from edgekit.detectors.detector import detector_sha256

    assert detector_sha256(made.detector) == detector_sha256(made.detector)
    other = made.detector.with_threshold(0.123)
    assert detector_sha256(other) != detector_sha256(made.detector)
