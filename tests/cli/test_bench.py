"""`edgekit bench`."""

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from edgekit.manifest import read_manifest, write_manifest
from tests.small_project import Edgekit

KEYS = {"verdict", "evidence", "p50_ms", "p90_ms", "p99_ms", "runs", "peak_mem_bytes", "against"}
BUNDLE = "build/bundles/x86-int8"
WRITE = ("bench", BUNDLE, "--baseline", "base.json", "--update-baseline", "--json")
# So wide a limit that no noise can reach it: what is judged here is the command.
GATE = ("bench", BUNDLE, "--baseline", "base.json", "--max-regression", "900%")
FEW = ("--pairs", "5", "--max-pairs", "5", "--runs", "20")


@pytest.fixture
def gated_project(done_project: Path, edgekit: Edgekit) -> Path:
    """A project with a baseline of its bundle."""
    answer = edgekit(*WRITE, cwd=done_project)
    assert answer.code == 0, answer.err
    return done_project


def test_bench_compares_with_the_fp32_sibling(done_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("bench", BUNDLE, "--json", cwd=done_project)
    assert answer.code == 0, answer.err
    result = answer.json
    assert result.keys() >= KEYS
    assert 0 < result["p50_ms"] <= result["p90_ms"] <= result["p99_ms"]
    assert result["runs"] == 10
    assert result["peak_mem_bytes"] > 1e6
    low, high = result["against"]["ci95"]
    assert result["against"]["name"] == "x86-fp32"
    assert low <= result["against"]["ratio"] <= high


def test_an_interpreters_speed_is_no_verdict_about_a_jetson(
    done_project: Path, edgekit: Edgekit
) -> None:
    answer = edgekit("bench", "build/bundles/jetson-int8", "--json", cwd=done_project)
    assert answer.code == 3
    assert answer.json["evidence"] == "reference"
    assert answer.json["verdict"] == "unavailable"


def test_a_bundle_passes_the_gate_of_its_own_baseline(
    gated_project: Path, edgekit: Edgekit
) -> None:
    files = ("--junit", "j.xml", "--summary", "s.md", "--history", "h.jsonl")
    answer = edgekit(*GATE, "--against", BUNDLE, *FEW, *files, "--json", cwd=gated_project)
    assert answer.code == 0, answer.err
    figures = {each["name"]: each for each in answer.json["gate"]["figures"]}
    assert figures.keys() == {"latency", "size", "memory", "auc", "accuracy"}
    assert figures["auc"]["change"] == 0
    assert ElementTree.parse(gated_project / "j.xml").find("testsuite").get("tests") == "5"
    assert "x86-int8: pass" in (gated_project / "s.md").read_text()
    assert (gated_project / "h.svg").is_file()


def test_the_gate_says_what_grew(gated_project: Path, edgekit: Edgekit) -> None:
    bundle = gated_project / BUNDLE
    artifact = bundle / read_manifest(bundle).artifact
    shutil.copytree(bundle, gated_project / "old")
    # Metadata that no runtime reads: the artifact grows and computes the same.
    artifact.write_bytes(artifact.read_bytes() + b"\x32" + b"\x80\x80\x04" + b"x" * 65536)
    size = artifact.stat().st_size
    write_manifest(read_manifest_unchecked(bundle).model_copy(update={"size_bytes": size}), bundle)
    answer = edgekit(*GATE, "--max-regression", "size=3%", "--against", "old", cwd=gated_project)
    assert answer.code == 1, answer.err
    assert "size         fail" in answer.out
    assert "limit 0.03" in answer.out


def read_manifest_unchecked(bundle: Path) -> object:
    from edgekit.files import read_json
    from edgekit.manifest import NAME, Manifest

    return Manifest.parse(read_json(bundle / NAME), bundle)


def test_without_a_change_an_update_keeps_the_baselines_format(
    gated_project: Path, edgekit: Edgekit
) -> None:
    answer = edgekit(*WRITE, cwd=gated_project)
    assert answer.code == 0
    assert answer.json["updated"] == "base.json"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--max-regression", "3"), "no percentage"),
        (("--max-regression", "speed=3%"), "there is no figure 'speed'"),
        (("--runs", "0"), "runs"),
        (("--pairs", "1"), "pairs"),
        (("--batch", "0"), "batch"),
        (("--sustained", "0"), "no length of a run"),
        (("--count", "cycles"), "nothing counts that"),
        (("--count", "operators"), "device 'local' is no emulated ARM core"),
        (("--count", "memory"), "device 'local' is no emulated ARM core"),
        (
            ("--count", "operators", "--device", "emulated", "--threads", "2"),
            "one thread, not at 2",
        ),
        (("--update-baseline",), "--baseline FILE"),
        (("--baseline", "none.json"), "none.json does not exist"),
        (("--against", "nowhere"), "nowhere is no bundle"),
        (("--device", "moon"), "unknown device 'moon'"),
    ],
)
def test_wrong_options_are_one_clear_line(
    done_project: Path, edgekit: Edgekit, options: tuple[str, ...], reason: str
) -> None:
    answer = edgekit("bench", BUNDLE, *options, cwd=done_project)
    assert answer.code == 2
    assert reason in answer.complaint


def test_a_missing_bundle_is_one_clear_line(done_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("bench", "build/bundles/none", cwd=done_project)
    assert answer.code == 2
    assert "is no bundle" in answer.complaint


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda text: text[: len(text) // 2], "not readable JSON"),
        (lambda text: text.replace('"value": ', '"value": 1'), "was edited"),
        (lambda text: text.replace('"format": 1', '"format": 7'), "has format 7, not 1"),
    ],
)
def test_a_damaged_baseline_is_one_clear_line(
    gated_project: Path, edgekit: Edgekit, damage: object, reason: str
) -> None:
    path = gated_project / "base.json"
    path.write_text(damage(path.read_text()))
    answer = edgekit(*GATE, cwd=gated_project)
    assert answer.code == 2
    assert reason in answer.complaint


def test_a_baseline_of_another_bundle_is_one_clear_line(
    gated_project: Path, edgekit: Edgekit
) -> None:
    answer = edgekit(
        "bench", "build/bundles/android-int8", "--baseline", "base.json", cwd=gated_project
    )
    assert answer.code == 2
    assert "is of target x86" in answer.complaint
