"""edgekit's own: int8 wherever its scheme allows, and what the precision search chose."""

import shutil
from functools import partial
from pathlib import Path

from benchmarks.peers.peer import SUFFIXES, Peer, Runtime, Task

TARGETS: dict[Runtime, str] = {"onnxruntime": "x86", "openvino": "intel", "litert": "android"}


def int8(runtime: Runtime, task: Task, path: Path) -> int:
    """Calibrate with every image and export a bundle, as `edgekit export` does."""
    from edgekit.calibration.observe import observe
    from edgekit.calibration.program import float_program
    from edgekit.dataset import open_dataset
    from edgekit.detectors.registry import open_detector
    from edgekit.exporters.bundle import export_bundle
    from edgekit.exporters.student import Student
    from edgekit.target import target_named

    detector = open_detector(Path(task.detector))
    data = open_dataset(Path(task.images), detector.signature)
    program = float_program(detector)
    ranges = observe(program, data)
    student = Student(detector, task.sha256, program, ranges, data)
    bundle = path.parent / "bundle"
    manifest = export_bundle(student, target_named(TARGETS[runtime]), "int8", bundle)
    copy_artifact(bundle / manifest.artifact, path)
    return ranges.samples


def auto(runtime: Runtime, task: Task, path: Path) -> int:
    """Take what the precision search left for this student."""
    found = Path(task.auto, runtime, "model" + SUFFIXES[runtime])
    if not found.is_file():
        raise FileNotFoundError("the precision search has left no artifact for this student")
    copy_artifact(found, path)
    return 0


def copy_artifact(artifact: Path, path: Path) -> None:
    """Copy an artifact; of a folder, or of an OpenVINO graph with weights beside it, all files."""
    if artifact.is_dir() or artifact.suffix == ".xml":
        folder = artifact if artifact.is_dir() else artifact.parent
        for file in folder.glob("model.*"):
            shutil.copyfile(file, path.with_name(file.name))
    else:
        shutil.copyfile(artifact, path)


_IMPORTS = ("torch", "edgekit.exporters.bundle", "edgekit.detectors.registry")
_PACKAGES = {
    "onnxruntime": ("torch", "onnx", "onnxscript"),
    "openvino": ("torch", "onnx", "onnxscript", "openvino"),
    "litert": ("torch", "litert-torch"),
}
PEERS = tuple(
    Peer(
        name=f"edgekit-{kind}",
        runtime=runtime,
        module=__name__,
        make=partial(make, runtime),
        packages=_PACKAGES[runtime],
        imports=_IMPORTS,
        code=(
            "edgekit.exporters.bundle",
            "edgekit.calibration.observe",
            "edgekit.detectors.registry",
        ),
        copy=kind == "auto",
        own=True,
    )
    for kind, make in (("int8", int8), ("auto", auto))
    for runtime in TARGETS
)
