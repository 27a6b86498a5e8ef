"""`edgekit verify`."""

import json
from pathlib import Path

import numpy as np
import pytest

from edgekit.dataset import open_dataset
from edgekit.decision import scores
from edgekit.disturbances import DISTURBANCES
from edgekit.manifest import read_manifest
from tests.small_project import Edgekit

KEYS = {"verdict", "evidence", "target", "device", "images", "tensor", "decision", "failures"}


def test_verify_says_what_scripts_rely_on(done_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("verify", "build/bundles/android-int8", "--json", cwd=done_project)
    assert answer.code == 0, answer.err
    result = answer.json
    assert result.keys() >= KEYS
    assert result["tensor"].keys() == {"max_abs", "cosine", "sqnr_db"}
    assert result["decision"]["auc"].keys() >= {"reference", "artifact", "delta", "ci95", "budget"}
    assert result["decision"]["flips"].keys() >= {"count", "rate", "ci95"}
    assert result["evidence"] == "host"
    assert result["images"] == 48


def test_an_fp32_artifact_decides_the_same(done_project: Path, edgekit: Edgekit) -> None:
    """Two runtimes add in other orders: only scores that all but tie may change places."""
    answer = edgekit("verify", "build/bundles/x86-fp32", "--json", cwd=done_project)
    error = answer.json["tensor"]["max_abs"]
    assert error < 1e-4
    signature = read_manifest(done_project / "build" / "bundles" / "x86-fp32").signature
    values = scores(
        np.load(done_project / "build" / "scores" / "student" / "logits.npy"), signature
    )
    truth = open_dataset(done_project / "data" / "test", signature).positives
    # A score moves by at most as much as its two logits, and a pair of scores by twice that.
    apart = np.abs(values[truth][:, None] - values[~truth][None])
    decision = answer.json["decision"]
    assert abs(decision["auc"]["delta"]) <= (apart <= 2 * error).mean() + 1e-9
    assert decision["flips"]["count"] <= (abs(values - signature.threshold) <= error).sum()


def test_what_nothing_here_can_execute_is_not_guessed(done_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("verify", "build/bundles/iphone-int8", "--json", cwd=done_project)
    assert answer.code == 3
    assert "macOS only" in answer.complaint
    assert answer.json["exit_code"] == 3


def test_an_undecided_verdict_is_neither_pass_nor_fail(
    done_project: Path, edgekit: Edgekit
) -> None:
    project = done_project / "edgekit.toml"
    project.write_text(project.read_text().replace("flips = 1.0", "flips = 0.0"))
    answer = edgekit("verify", "build/bundles/x86-fp32", "--json", cwd=done_project)
    assert answer.code == 4
    assert answer.json["verdict"] == "inconclusive"


def test_the_bundle_of_another_student_is_refused(done_project: Path, edgekit: Edgekit) -> None:
    project = done_project / "edgekit.toml"
    project.write_text(project.read_text().replace("batch_size = 8", "batch_size = 6"))
    answer = edgekit("verify", "build/bundles/x86-int8", cwd=done_project)
    assert answer.code == 2
    assert "another student" in answer.complaint


def test_an_edited_manifest_is_refused(done_project: Path, edgekit: Edgekit) -> None:
    path = done_project / "build" / "bundles" / "x86-int8" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["signature"]["threshold"] = 0.123
    path.write_text(json.dumps(manifest))
    answer = edgekit("verify", "build/bundles/x86-int8", cwd=done_project)
    assert answer.code == 2
    assert "was edited" in answer.complaint


def test_test_images_that_calibration_saw_are_refused(done_project: Path, edgekit: Edgekit) -> None:
    seen = next((done_project / "data" / "calibration" / "real").iterdir())
    (done_project / "data" / "test" / "real" / "twin.png").write_bytes(seen.read_bytes())
    answer = edgekit("verify", "build/bundles/x86-int8", cwd=done_project)
    assert answer.code == 2
    assert "same file as" in answer.complaint


@pytest.mark.slow
def test_robustness_keeps_every_cell_and_draws_it(done_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("verify", "build/bundles/x86-fp32", "--robustness", "--json", cwd=done_project)
    assert answer.code == 0, answer.err
    found = answer.json["robustness"]
    assert list(found) == ["none", *DISTURBANCES]
    assert {tuple(cells) for cells in found.values()} == {tuple(found["none"])}
    assert Path(done_project, answer.json["picture"]).read_text().startswith("<svg")
    assert not (done_project / "build" / "verify").is_dir() or not any(
        (done_project / "build" / "verify").iterdir()
    )


def test_an_apps_mistake_is_named_and_counted(done_project: Path, edgekit: Edgekit) -> None:
    bundle, app = done_project / "build" / "bundles" / "x86-fp32", done_project / "app"
    golden = np.load(bundle / "golden" / "inputs" / "image.npy")
    app.mkdir()
    for given, code, said in [
        (golden, 0, "image: pass"),
        (golden[:, ::-1], 1, "colour: BGR instead of RGB"),
    ]:
        np.save(app / "image.npy", given)
        answer = edgekit("verify", "build/bundles/x86-fp32", "--inputs", "app", cwd=done_project)
        assert (answer.code, said in answer.out) == (code, True), answer.out
    np.save(app / "image.npy", golden[:2])
    answer = edgekit("verify", "build/bundles/x86-fp32", "--inputs", "app", cwd=done_project)
    assert answer.code == 2
    assert "input 'image' is float32" in answer.complaint


def tell_groups(project: Path, rule: str, test: str = "data/test") -> None:
    path = project / "edgekit.toml"
    told = f"[data]\ngroups = '{rule}'\n"
    text = path.read_text().replace("[data]\n", told).replace('"data/test"', f'"{test}"')
    path.write_text(text)


def test_photographs_are_too_few_to_decide_and_crops_are_not(
    done_project: Path, edgekit: Edgekit
) -> None:
    plain = edgekit("verify", "build/bundles/x86-int8", cwd=done_project)
    assert "48 of 48 file names seem to be of 2 groups" in plain.err + plain.out
    project = (done_project / "edgekit.toml").read_text()
    tell_groups(done_project, r"(.+)_\d+")
    answer = edgekit("verify", "build/bundles/x86-int8", cwd=done_project)
    assert answer.code == 4
    assert "2 of a class decide nothing, 20 may" in answer.out
    assert "groups would decide it" in answer.out
    assert "seem to be of" not in answer.err
    (done_project / "edgekit.toml").write_text(project)
    tell_groups(done_project, r"(.+)\.png")  # a crop and what was made of it
    found = edgekit("verify", "build/bundles/x86-int8", "--json", cwd=done_project)
    assert found.code == 0, found.err
    assert found.json["groups"]["count"] == found.json["groups"]["fewest"] == 24
    assert "groups_to_decide" not in found.json


def test_a_sheet_stands_for_a_folder(done_project: Path, edgekit: Edgekit) -> None:
    folder = edgekit("verify", "build/bundles/x86-int8", "--json", cwd=done_project)
    (done_project / "data" / "test").rename(done_project / "moved")
    rows = [
        f"moved/{name}/{path.name},{name},{path.stem}"
        for name in ("real", "fake")
        for path in sorted((done_project / "moved" / name).iterdir())
    ]
    (done_project / "test.csv").write_text("\n".join(["path,label,group", *rows]))
    tell_groups(done_project, "folder", "test.csv")
    path = done_project / "edgekit.toml"
    path.write_text(path.read_text().replace("groups = 'folder'\n", ""))
    sheet = edgekit("verify", "build/bundles/x86-int8", "--json", cwd=done_project)
    assert sheet.code == 0, sheet.err
    assert sheet.json["groups"]["count"] == 24
    for name in ("reference", "artifact"):
        assert sheet.json["decision"]["auc"][name] == folder.json["decision"]["auc"][name]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("(unheard)_", "matches no file name"),
        ("(?=rocket|moto).*([.])", "all 48 test files are of one group"),
        (r"(?:ihc|rocket)(_\d)", "group '_0' is in the test set"),
        ("[", "no regular expression"),
    ],
)
def test_groups_that_cannot_be_are_one_line(
    done_project: Path, edgekit: Edgekit, rule: str, said: str
) -> None:
    tell_groups(done_project, rule)
    answer = edgekit("verify", "build/bundles/x86-int8", cwd=done_project)
    assert answer.code == 2
    assert said in answer.complaint
