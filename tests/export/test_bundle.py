import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from edgekit.detectors.detector import Detector
from edgekit.devices.device import RunnerResult
from edgekit.errors import EdgekitError, InputError, OutputError
from edgekit.exporters import bundle as room
from edgekit.exporters.bundle import export_bundle, refuse_foreign
from edgekit.files import whole_folder
from edgekit.manifest import NAME, read_manifest
from edgekit.target import target_named

X86 = target_named("x86")


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_an_older_bundle_is_replaced(two_inputs, tmp_path):
    path = tmp_path / "a b 模型" / "bundle"
    export_bundle(two_inputs, X86, "fp32", path)
    (path / "left over").write_text("")
    manifest = export_bundle(two_inputs, X86, "fp16", path)
    assert read_manifest(path) == manifest
    assert names(path) == ["golden", "labels.txt", NAME, "model.onnx"]
    assert names(path.parent) == ["bundle"]


@pytest.mark.parametrize("what", ["file", "folder", "notes"])
def test_what_is_no_bundle_is_not_replaced(two_inputs, tmp_path, what):
    path = tmp_path / "mine"
    if what == "file":
        path.write_text("mine")
    else:
        path.mkdir()
        (path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="is no bundle"):
        export_bundle(two_inputs, X86, "fp32", path)
    assert path.exists()
    assert names(tmp_path) == ["mine"]


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "empty").mkdir()
    refuse_foreign(tmp_path / "empty")
    refuse_foreign(tmp_path / "nowhere")


def test_a_symbolic_link_is_refused(two_inputs, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(OutputError, match="symbolic link"):
        export_bundle(two_inputs, X86, "fp32", tmp_path / "link")
    assert names(tmp_path / "real") == []


@pytest.fixture
def mount(tmp_path):
    """Mount a small file system for the test; skip where nobody may."""
    folder = tmp_path / "small"
    folder.mkdir()

    def run(size, *options):
        kind = ["mount", "-t", "tmpfs", "-o", ",".join((f"size={size}", *options))]
        if sys.platform != "linux" or shutil.which("mount") is None:
            pytest.skip("only Linux mounts a file system for a test")
        done = subprocess.run([*kind, "tmpfs", str(folder)], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"mounting needs more rights: {done.stderr.strip()}")
        return folder

    yield run
    subprocess.run(["umount", str(folder)], capture_output=True)


@pytest.mark.parametrize("target", ["x86", "android", "iphone"])
@pytest.mark.parametrize("size", ["4k", "16k"])
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(two_inputs, mount, target, size):
    folder = mount(size)
    with pytest.raises(OutputError, match="the disk is full"):
        export_bundle(two_inputs, target_named(target), "fp32", folder / "bundle")
    assert names(folder) == []


def test_a_read_only_place_is_one_clear_error(two_inputs, mount):
    folder = mount("64k", "ro")
    with pytest.raises(OutputError, match="read-only"):
        export_bundle(two_inputs, X86, "fp32", folder / "bundle")


def test_a_fault_of_the_converter_leaves_the_old_bundle(two_inputs, tmp_path, monkeypatch):
    path = tmp_path / "bundle"
    before = export_bundle(two_inputs, X86, "fp32", path)
    runtime = room.builder_of(room.runtime_named("onnx"))

    def fail(*arguments):
        raise RuntimeError("operator aten::magic is unknown\nand more lines")

    monkeypatch.setattr(runtime, "build", fail)
    with pytest.raises(EdgekitError, match=r"refuses the student in fp16: operator aten::magic"):
        export_bundle(two_inputs, X86, "fp16", path)
    assert read_manifest(path) == before
    assert names(tmp_path) == ["bundle"]


def test_an_artifact_that_gives_nan_is_no_bundle(two_inputs, tmp_path, monkeypatch):
    def run(bundle, inputs, request=None):
        return RunnerResult(np.full((8, 2), np.nan), "a runtime", [], 1.0, 1.0, [], 1, 1)

    monkeypatch.setattr(room.local, "run", run)
    with pytest.raises(EdgekitError, match="gives NaN or infinity"):
        export_bundle(two_inputs, X86, "fp32", tmp_path / "bundle")
    assert names(tmp_path) == []


def test_an_artifact_that_its_runtime_refuses_is_no_bundle(two_inputs, tmp_path, monkeypatch):
    runtime = room.builder_of(room.runtime_named("onnx"))
    build = runtime.build

    def broken(program, target, precision, folder):
        built = build(program, target, precision, folder)
        (folder / built.artifact).write_bytes(b"broken")
        return built

    monkeypatch.setattr(runtime, "build", broken)
    with pytest.raises(EdgekitError, match="the runtime refuses"):
        export_bundle(two_inputs, X86, "fp32", tmp_path / "bundle")
    assert names(tmp_path) == []


def test_nan_weights_are_one_clear_error(two_inputs, tmp_path):
    class Bad(torch.nn.Module):
        def forward(self, photo, figures):
            return torch.full((1, 2), float("nan"))

    bad = Detector(Bad().eval(), two_inputs.detector.signature, {})
    with pytest.raises(InputError, match="the float detector gives NaN"):
        export_bundle(replace(two_inputs, detector=bad), X86, "fp32", tmp_path / "bundle")
    assert names(tmp_path) == []


def test_what_was_not_executed_says_so(two_inputs, tmp_path):
    if sys.platform == "darwin":
        pytest.skip("Core ML is here")
    few = replace(two_inputs.data, samples=two_inputs.data.samples[2:6])
    student = replace(two_inputs, data=few)
    manifest = export_bundle(student, target_named("iphone"), "fp32", tmp_path / "bundle")
    assert manifest.evidence == "compiled"
    assert manifest.golden.max_abs is None
    assert manifest.golden.samples == 4
    assert any("not executed here" in note for note in manifest.notes)


def test_no_path_of_this_machine_is_in_the_manifest(bundles, tmp_path):
    for target in ("x86", "iphone"):
        bundle = bundles.of(target, "int8")
        text = (bundle / NAME).read_text() + (bundle / "golden" / "expected.json").read_text()
        assert str(bundle.parent) not in text
        assert "/tmp" not in text
        assert "/home" not in text


def test_versions_of_the_tools_are_noted(bundles):
    tools = read_manifest(bundles.of("x86", "fp32")).tools
    assert {"edgekit", "torch", "onnxruntime"} <= set(tools)


def test_a_kill_in_the_middle_is_swept_by_the_next_export(two_inputs, tmp_path):
    process = subprocess.Popen(["true"])
    process.wait()
    (tmp_path / f".bundle.{process.pid}.x.part").mkdir()
    export_bundle(two_inputs, X86, "fp32", tmp_path / "bundle")
    assert names(tmp_path) == ["bundle"]
    with whole_folder(tmp_path / "other"):
        pass
