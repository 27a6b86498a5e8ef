import numpy as np
import pytest

from benchmarks.peers.environments import environment_of
from benchmarks.peers.make import make
from benchmarks.peers.peer import Peer, Task, peer_of, read_task
from benchmarks.peers.registry import MODULES, peers, peers_named
from benchmarks.peers.work import without_places
from edgekit.errors import InputError

FAULTY = "tests.benchmarks.faulty_peers"


@pytest.fixture
def task(tmp_path):
    """A task whose float model is made up, for peers that do not look at it."""
    images = np.arange(10, dtype=np.float32).reshape(10, 1, 1, 1).repeat(3, axis=1)
    np.save(tmp_path / "calibration.npy", images)
    (tmp_path / "model.onnx").write_bytes(b"float model")
    made = Task(
        student="made-up",
        detector=str(tmp_path / "detector"),
        sha256="0" * 64,
        input="image",
        onnx=str(tmp_path / "model.onnx"),
        tflite=str(tmp_path / "model.tflite"),
        calibration=str(tmp_path / "calibration.npy"),
        labels=str(tmp_path / "labels.npy"),
        images=str(tmp_path / "images"),
        auto=str(tmp_path / "auto"),
    )
    made.write(tmp_path / "task.json")
    return made


def made(name, task, folder):
    peer = peer_of(FAULTY, "onnxruntime", name)
    return make(peer, folder / "task.json", task, folder / name, folder / "envs")


def test_a_task_survives_its_file_and_takes_images_evenly(task, tmp_path):
    assert read_task(tmp_path / "task.json") == task
    assert task.samples(4)[:, 0, 0, 0].tolist() == [0, 3, 6, 9]
    assert len(task.samples()) == len(task.samples(99)) == 10
    batches = task.batches(2)
    assert [batch["image"].shape for batch in batches] == [(1, 3, 1, 1)] * 2


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("crash", "crashed with SIGSEGV"),
        ("refuse", "ValueError: operator Foo is not supported"),
        ("nothing", "FileNotFoundError: nothing ended without an artifact"),
        ("hang", "ended after 1 s without a result"),
    ],
)
def test_a_peer_that_fails_leaves_its_reason(name, reason, task, tmp_path):
    found = made(name, task, tmp_path)
    assert found.path is None
    assert found.record["error"] == reason


def test_an_artifact_is_reused_until_the_task_changes(task, tmp_path):
    first = made("again", task, tmp_path)
    assert first.path.read_bytes() == b"float model"
    assert first.record["seconds"] >= 0
    assert first.record["peak_mem_bytes"] > 1e6
    (tmp_path / "model.onnx").write_bytes(b"another model")
    assert made("again", task, tmp_path).path.read_bytes() == b"float model"
    changed = Task(**{**vars(task), "sha256": "1" * 64})
    assert made("again", changed, tmp_path).path.read_bytes() == b"another model"


def test_a_runtime_without_a_float_model_says_so(task, tmp_path):
    broken = Task(**{**vars(task), "faults": {"onnxruntime": "float32: no such operator"}})
    assert made("again", broken, tmp_path).record["error"] == "float32: no such operator"


def test_an_environment_that_cannot_be_made_is_remembered(task, tmp_path):
    peer = Peer(
        "away", "onnxruntime", FAULTY, print, requirements=("./no-such-folder-of-a-package",)
    )
    found = make(peer, tmp_path / "task.json", task, tmp_path / "away", tmp_path / "envs")
    assert found.record["error"].startswith("not installed: ERROR")
    record = tmp_path / "envs" / "away" / "environment.json"
    before = record.stat().st_mtime_ns
    assert environment_of(peer, tmp_path / "envs").reason in found.record["error"]
    assert record.stat().st_mtime_ns == before


def test_peers_are_named_once_in_each_runtime():
    names = [(peer.runtime, peer.name) for peer in peers()]
    assert len(set(names)) == len(names)
    assert {peer.module.rpartition(".")[2] for peer in peers()} == set(MODULES)
    assert {peer.name for peer in peers() if peer.own} == {"edgekit-int8", "edgekit-auto"}


def test_peers_are_chosen_by_name_and_runtime():
    assert {peer.name for peer in peers_named(["fp32"])} == {"fp32"}
    assert {peer.runtime for peer in peers_named([], ["litert"])} == {"litert"}
    with pytest.raises(InputError, match=r"unknown peer 'fp33'\. Use one of fp32, "):
        peers_named(["fp32", "fp33"])


def test_a_reason_names_no_folder_of_the_machine():
    text = "ValueError: /home/me/.venv/lib/python3.11/site-packages/timm/a.py:400:0: error: x"
    assert without_places(text) == "ValueError: timm/a.py:400:0: error: x"
    assert without_places("no /path/here") == "no /path/here"
