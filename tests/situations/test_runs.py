"""Runs that go on: speeds on a stranger's core, refused targets, verdicts that fail.

| situation | command | result before | right value |
| :-- | :-- | :-- | :-- |
| int8 slower than fp32 on a processor that the target is not for | `edgekit run` | exit code 1 | 0; the times are shown, the speed is not judged |
| the same bundle alone | `edgekit bench android-int8` | exit code 1 | 3, and the line names the processor and `--device` |
| a budget of p50 there | `edgekit bench android-int8` | exit code 1 | 3 |
| a gate there against a baseline of the same machine | `edgekit bench --baseline` | judged | judged |
| a speed that failed | `edgekit run` | "failed without a reason on record" | the ratio, its interval and the budget: on the terminal, page and JSON |
| the next run after a speed that failed | `edgekit run` | "reused fail" for ever | measured again |
| results that came from another machine, as from a CI's cache | `edgekit run` | reused | speeds and decisions are measured here |
| an artifact that crashes while it is timed | `edgekit run` | "took no time with evidence None" | the crash is named |
| one of four targets is refused | `edgekit run` | exit code 2, no report | the others are done, its row has the reason, exit code 2 |
| the first of two targets is refused | `edgekit export -t x86 -t jetson` | exit code 2, nothing built | the other is built, exit code 2 |
| one of two targets has no such precision | `edgekit export -t iphone -t x86 --precision weight_only` | exit code 2, nothing built | the other is built, exit code 2 |
| what all targets share is wrong | `edgekit run` | one line | one line, not one for each target |
| a bug while one target is built | `edgekit run` | traceback | traceback |
| an x86 processor without AVX | `edgekit verify x86-int8 --device old` | no such device | the decisions there, evidence `emulated` |
"""  # noqa: E501  (a row of a table is one line)

import platform
import shutil
from pathlib import Path

import pytest

from edgekit.devices import archive
from edgekit.devices.device import device_named
from edgekit.devices.runner import machine
from edgekit.face import export as building
from edgekit.target import targets
from tests.small_project import Answer, Edgekit

# This machine's processor is one that the second of them is for, and none of the first.
STRANGER, OWN = sorted(
    ("android", "x86"), key=lambda name: platform.machine() in targets()[name].machines
)
TARGETS = ["jetson", "iphone", "android", "x86"]
LOOSE, STRICT = "max_ratio = 1e30", "max_ratio = 1e-30"


def change(project: Path, old: str, new: str) -> None:
    path = project / "edgekit.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def row_of(answer: Answer, target: str) -> dict:
    return next(row for row in answer.json["bundles"] if row["target"] == target)


def not_reused(answer: Answer) -> set[str]:
    """Name the steps that were done."""
    lines = [line for line in answer.err.splitlines() if not line.startswith("edgekit:")]
    return {" ".join(line.split()[:2]) for line in lines if " reused " not in line}


def someone_elses(folder: Path) -> Path:
    """Put a folder of the user's where a bundle shall go, which edgekit refuses to replace."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("keep me")
    return folder


def test_a_speed_on_a_strangers_core_does_not_fail_a_run(
    done_project: Path, edgekit: Edgekit
) -> None:
    change(done_project, f"[targets.{OWN}]\n", "")
    change(done_project, LOOSE, STRICT)
    answer = edgekit("run", "--json", cwd=done_project)
    assert answer.code == 0, answer.err
    speed = row_of(answer, STRANGER)["bench"]
    assert speed["verdict"] == "unavailable"
    assert speed["p50_ms"] > 0
    assert speed["against"]["ratio"] > 0
    (reason,) = speed["reasons"]
    assert f"({platform.machine()}), which target {STRANGER} is not for" in reason
    assert speed["environment"]["processor"] in reason


@pytest.mark.parametrize("budget", [STRICT, "max_p50_ms = 1e-9"])
def test_bench_measures_it_and_says_where_a_verdict_can_be_had(
    done_project: Path, edgekit: Edgekit, budget: str
) -> None:
    change(done_project, LOOSE, budget)
    answer = edgekit("bench", f"build/bundles/{STRANGER}-int8", cwd=done_project)
    assert answer.code == 3, answer.err
    assert f"{STRANGER}-int8: unavailable" in answer.out
    assert "p50" in answer.out
    assert "times the latency of" in answer.out
    assert "--device ssh://" in answer.out


def test_a_gate_compares_a_device_with_itself_on_every_processor(
    done_project: Path, edgekit: Edgekit
) -> None:
    bundle, base = f"build/bundles/{STRANGER}-int8", ("--baseline", "base.json")
    assert edgekit("bench", bundle, *base, "--update-baseline", cwd=done_project).code == 0
    gate = ("--max-regression", "900%")
    answer = edgekit("bench", bundle, *base, *gate, "--json", cwd=done_project)
    figures = {each["name"]: each for each in answer.json["gate"]["figures"]}
    assert figures["latency"]["verdict"] in ("pass", "inconclusive")
    assert figures["size"]["verdict"] == "pass"
    assert answer.json["verdict"] != "unavailable"


def test_a_speed_that_failed_says_why_and_is_measured_again(
    done_project: Path, edgekit: Edgekit
) -> None:
    change(done_project, LOOSE, STRICT)
    first = edgekit("run", cwd=done_project)
    assert first.code == 1, first.err
    step = next(line for line in first.err.splitlines() if line.startswith(f"bench {OWN}-int8"))
    page = (done_project / "build" / "report" / "index.html").read_text()
    for said in (step, " ".join(first.out.split()), page):
        assert "budget 1e-30: slower" in said
    assert "without a reason" not in page
    again = edgekit("run", "--json", cwd=done_project)
    assert again.code == 1
    assert not_reused(again) == {f"bench {OWN}-int8"}
    change(done_project, STRICT, LOOSE)
    assert edgekit("run", cwd=done_project).code == 0


def test_what_another_machine_found_is_not_reused(
    done_project: Path, edgekit: Edgekit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_instruction_sets", lambda: ["SSE2"])
    answer = edgekit("run", cwd=done_project)
    done = {step for step in not_reused(answer) if not step.endswith("iphone-int8")}
    built = [f"{name}-int8" for name in ("jetson", "android", "x86")]
    assert done == {f"verify {name}" for name in built} | {f"bench {name}" for name in built[1:]}


def test_a_crash_while_it_is_timed_is_named(done_project: Path, edgekit: Edgekit) -> None:
    change(done_project, LOOSE, "max_ratio = 1e29")
    crash = "import os, sys; '--runs' in sys.argv and os.kill(os.getpid(), 11)\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "MAIN", crash + archive.MAIN)
        answer = edgekit("run", cwd=done_project)
    assert answer.code == 1
    assert "SIGSEGV" in answer.out
    page = (done_project / "build" / "report" / "index.html").read_text()
    assert "SIGSEGV" in page
    assert "None" not in page


def test_one_refused_target_does_not_end_a_run(done_project: Path, edgekit: Edgekit) -> None:
    mine = someone_elses(done_project / "build" / "bundles" / "jetson-int8")
    answer = edgekit("run", "--json", cwd=done_project)
    assert answer.code == 2
    assert answer.complaint.startswith("edgekit: error: jetson int8: ")
    assert "is no bundle" in answer.complaint
    assert [row["target"] for row in answer.json["bundles"]] == TARGETS
    refused = row_of(answer, "jetson")
    assert (refused["exit_code"], refused["size_bytes"]) == (2, None)
    assert refused["error"] in answer.complaint
    assert row_of(answer, "x86")["verify"]["verdict"] == "pass"
    page = (done_project / answer.json["report"]).read_text()
    assert f"not built: {refused['error']}" in page
    assert (mine / "notes.txt").read_text() == "keep me"
    shown = edgekit("run", cwd=done_project)
    assert "not built" in shown.out
    assert "is no bundle" in shown.out


def test_a_report_without_any_bundle_is_still_written(done_project: Path, edgekit: Edgekit) -> None:
    for target in TARGETS:
        someone_elses(done_project / "build" / "bundles" / f"{target}-int8")
    answer = edgekit("report", "--json", cwd=done_project)
    assert answer.code == 2
    assert all("error" in row for row in answer.json["bundles"])
    assert [row["name"] for row in answer.json["detectors"]] == ["teacher", "student"]


def test_the_target_after_a_refused_one_is_built(done_project: Path, edgekit: Edgekit) -> None:
    someone_elses(done_project / "build" / "bundles" / "x86-fp16")
    both = ("export", "-t", "x86", "-t", "jetson", "--precision", "fp16", "--json")
    answer = edgekit(*both, cwd=done_project)
    assert answer.code == 2
    assert "x86 fp16: " in answer.complaint
    assert (done_project / row_of(answer, "jetson")["path"] / "model.onnx").is_file()
    assert row_of(answer, "x86")["path"] is None


@pytest.mark.slow
def test_a_precision_that_one_target_lacks(done_project: Path, edgekit: Edgekit) -> None:
    both = ("export", "-t", "iphone", "-t", "x86", "--precision", "weight_only", "--json")
    answer = edgekit(*both, cwd=done_project)
    assert answer.code == 2
    assert "iphone cannot be built in precision 'weight_only'" in answer.complaint
    assert row_of(answer, "x86")["size_bytes"] > 0


def test_what_all_targets_share_is_said_once(new_project: Path, edgekit: Edgekit) -> None:
    change(new_project, '"data/train"', '"elsewhere"')
    answer = edgekit("run", "--json", cwd=new_project)
    assert answer.code == 2
    assert "elsewhere" in answer.complaint
    assert answer.json["exit_code"] == 2


def test_a_bug_keeps_its_traceback(
    done_project: Path, edgekit: Edgekit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*arguments: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(building, "export_bundle", bug)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        edgekit("export", "-t", "jetson", "-t", "x86", "--precision", "fp16", cwd=done_project)


@pytest.mark.slow
def test_decisions_on_an_x86_core_without_avx(done_project: Path, edgekit: Edgekit) -> None:
    probe = device_named("emulated-x86").probe()
    if not probe.works:
        pytest.skip(f"{probe.detail}: {probe.fix}")
    path = done_project / "edgekit.toml"
    path.write_text(path.read_text() + '\n[devices.old]\nurl = "emulated-x86"\ncpu = "Nehalem"\n')
    bundle = ("build/bundles/x86-int8", "--device", "old", "--json")
    answer = edgekit("verify", *bundle, cwd=done_project)
    assert answer.code == 0, answer.err
    assert (answer.json["evidence"], answer.json["device"]) == ("emulated", "old")
    refused = edgekit("bench", *bundle, cwd=done_project)
    assert refused.code == 3
    assert "cannot time on an emulated core" in refused.complaint
