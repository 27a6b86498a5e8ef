"""The whole way on one small student, with real peers and runtimes."""

import json
import shutil

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.compare import decisions
from benchmarks.compare.latency import latencies, ratios
from benchmarks.compare.rows import measure
from benchmarks.compare.subject import Limits, open_subject
from benchmarks.compare.timing import Rounds
from benchmarks.peers.peer import peer_of
from edgekit.detectors.detector import save_detector

FAULTY = "tests.benchmarks.faulty_peers"
SHORT = Rounds(rounds=3, turn_ms=1.0, warm_ms=0.5, least=2)


pytestmark = pytest.mark.slow  # makes and times every artifact of a small student


@pytest.fixture(scope="module")
def build(tmp_path_factory, student, write_dataset):
    folder = tmp_path_factory.mktemp("build")
    save_detector(student, folder / "students" / "small")
    write_dataset(folder / "data" / "calibration", count=8)
    write_dataset(folder / "data" / "test", count=20, seed=1)
    return folder


def run(build, *arguments):
    main(["peers", "--build", str(build), "--quick", "--runtime", "onnxruntime", *arguments])
    return json.loads((build / "peers.json").read_text())


@pytest.fixture(scope="module")
def results(build):
    return run(build, "--peer", "fp32", "ort-minmax", "edgekit-auto")


@pytest.fixture(scope="module")
def subject(build, results):
    limits = Limits(calibration=16, test=64)
    place = build / "quick" / "small"
    return open_subject(
        build / "students" / "small", build / "data", place, limits, ["onnxruntime"]
    )


def test_every_peer_has_a_row_with_all_its_figures(results):
    found = results["students"]["small"]
    fp32, int8, auto = found["runtimes"]["onnxruntime"]
    assert found["images"] == {"calibration": 16, "test": 40}
    assert fp32["within_budget"] is True
    assert fp32["decision"]["flips"]["count"] == 0
    assert int8["made"]["images"] == 16
    assert int8["made"]["seconds"] > 0
    assert 0 < int8["size_bytes"] < fp32["size_bytes"]
    for made in (fp32, int8):
        assert made["load_ms"] > 0
        assert made["peak_mem_bytes"] > made["model_mem_bytes"] > 0
        assert set(made["latency"]) == {"1", "2"}
    against = int8["latency"]["1"]["ratios"]["fp32"]
    assert against["low"] <= against["value"] <= against["high"]
    assert auto["error"].endswith("the precision search has left no artifact for this student")


def test_without_an_artifact_of_edgekits_the_summary_says_so(results):
    assert results["summary"]["onnxruntime"]["1"]["left_out"] == {
        "small": "no artifact of edgekit's was timed"
    }


def test_what_the_search_left_is_measured_and_equal_artifacts_are_equally_fast(build, results):
    place = build / "auto" / "small" / "onnxruntime"
    place.mkdir(parents=True)
    shutil.copyfile(
        build / "quick" / "small" / "task-onnxruntime" / "model.onnx", place / "model.onnx"
    )
    again = run(build, "--peer", "fp32", "edgekit-auto")
    found = again["summary"]["onnxruntime"]["1"]["students"]["small"]
    assert found["fastest_peer"] == "fp32"
    assert (found["ratio"]["low"], found["ratio"]["high"]) == (1.0, 1.0)


def test_an_artifact_that_no_runtime_loads_is_a_row_with_its_reason(subject, tmp_path):
    peers = [peer_of(FAULTY, "onnxruntime", name) for name in ("again", "rubbish", "crash")]
    peers[0] = peer_of("benchmarks.peers.plain", "onnxruntime", "fp32")
    rows = measure(subject, peers, tmp_path, SHORT, (1,), lambda _: None)["onnxruntime"]
    assert [found["error"] is None for found in rows] == [True, False, False]
    assert "onnxruntime" in rows[1]["error"]
    assert rows[2]["error"] == "crashed with SIGSEGV"
    assert rows[0]["latency"]["1"]["p50_ms"] > 0


def test_an_artifact_that_ends_the_timing_is_left_out(subject, tmp_path):
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    job = {
        "runtime": "onnxruntime",
        "threads": 1,
        "input": subject.task.input,
        "images": str(subject.images),
    }
    good = subject.folder / "model.onnx"
    artifacts = {"one": good, "bad": tmp_path / "bad.onnx", "two": good}
    times, faults = latencies(job, artifacts, SHORT, tmp_path / "timing")
    assert set(times) == {"one", "two"}
    assert all(len(rounds) == SHORT.rounds for rounds in times.values())
    assert set(faults) == {"bad"}


def test_ratios_are_paired_by_round():
    times = {"half": [1.0, 2.0, 4.0], "whole": [2.0, 4.0, 8.0]}
    found = ratios(times, "half", ["half", "whole", "absent"])
    assert set(found) == {"whole"}
    assert (found["whole"]["low"], found["whole"]["high"]) == pytest.approx((0.5, 0.5))


def test_the_budget_is_of_auc_and_flips(subject):
    same = decisions.compare(subject, subject.reference)
    assert same["within_budget"] is True
    turned = decisions.compare(subject, subject.reference[:, ::-1].copy())
    assert turned["within_budget"] is False
    broken = decisions.compare(subject, np.full_like(subject.reference, np.nan))
    assert broken["within_budget"] is False
    few = {"auc": {"ci95": [-0.001, 0.0]}, "flips": {"rate": 0.011}}
    assert decisions.within(few) is False
    assert decisions.within(few | {"flips": {"rate": 0.01}}) is True
    assert decisions.within(few | {"auc": {"ci95": [-0.0021, 0.0]}, "flips": {"rate": 0}}) is False


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--peer", "ort-maxmin"], "error: unknown peer 'ort-maxmin'. Use one of fp32, "),
        (["--student", "large"], "error: no trained student 'large' in "),
    ],
)
def test_unknown_names_give_one_line(build, capsys, arguments, line):
    with pytest.raises(SystemExit) as ended:
        main(["peers", "--build", str(build), *arguments])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(line)
    assert said.count("\n") == 1


def test_a_build_without_students_says_how_to_make_them(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["peers", "--build", str(tmp_path)])
    assert "python -m benchmarks students" in capsys.readouterr().err
