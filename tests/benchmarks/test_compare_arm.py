"""The peers' table of ARM cores: counted, and put together from what was counted."""

import json

import pytest

from benchmarks.__main__ import main
from benchmarks.compare.arm_table import compared, tables
from benchmarks.compare.count import CORES
from edgekit.detectors.detector import save_detector


def row(peer, cycles, *, own=False, fits=True, runtime="litert", error=None):
    counts = {core: {"cycles": cycles * 1e6, "instructions": 2e6 * cycles} for core in CORES}
    return {
        "peer": peer,
        "own": own,
        "runtime": runtime,
        "error": error,
        "within_budget": fits,
        "size_bytes": 2_500_000,
        "decision": {"auc": {"delta": 0.0, "ci95": [-0.001, 0.001]}, "flips": {"rate": 0.005}},
        "counts": {} if error else counts,
    }


ROWS = [
    row("fp32", 40.0),
    row("ai-edge-static", 10.0, fits=False),
    row("litert-torch-pt2e", 0.0, error="ValueError: no such operator"),
    row("ort-minmax", 20.0, runtime="onnxruntime"),
    row("edgekit-int8", 12.0, own=True),
    row("edgekit-auto", 15.0, own=True),
    row("edgekit-auto", 9.0, own=True, runtime="onnxruntime"),
]


def test_the_best_peer_is_of_any_runtime_and_in_budget_and_edgekits_is_what_the_search_chose():
    found = compared(ROWS, "cortex-a76")
    assert (found["own"]["peer"], found["own"]["runtime"]) == ("edgekit-auto", "litert")
    assert found["peer"]["peer"] == "ort-minmax"
    assert (found["ratio"], found["against_fp32"]) == (0.75, 0.375)


def test_without_a_peer_in_budget_there_is_nothing_to_compare():
    assert "no peer" in compared([ROWS[1], ROWS[4]], "cortex-a76")


def test_the_tables_have_a_line_a_student_and_core_and_every_artifact():
    students = {"small": {"rows": ROWS}, "broken": {"error": "cannot be prepared"}}
    text = tables({"students": students})
    for core in ("A76", "A72"):
        ours = f"| small | Cortex-{core} | 15.0 | ort-minmax, ONNX Runtime | 20.0 | 0.75 | 0.38 |"
        assert ours in text
        assert f"| **geometric mean of 1** | Cortex-{core} |  |  |  | 0.75 | 0.38 |" in text
    assert "| ai-edge-static | LiteRT | 10.0 | 20.0 | 10.0 | 20.0 | 2.50 |" in text
    assert "- litert-torch-pt2e: ValueError: no such operator" in text


@pytest.mark.slow  # emulates a core, and makes artifacts
@pytest.mark.usefixtures("arm_core")
def test_artifacts_of_both_runtimes_are_counted_on_both_cores(tmp_path, student, write_dataset):
    save_detector(student, tmp_path / "students" / "small")
    write_dataset(tmp_path / "data" / "calibration", count=8)
    write_dataset(tmp_path / "data" / "test", count=20, seed=1)
    main(["arm-peers", "--build", str(tmp_path), "--peer", "fp32", "edgekit-int8"])
    found = json.loads((tmp_path / "peers-arm.json").read_text())["students"]["small"]["rows"]
    assert len(found) == 4
    for counted in found:
        assert counted["error"] is None
        a76, a72 = (counted["counts"][core] for core in CORES)
        assert 0 < a76["cycles"] < a72["cycles"]
