"""What artifacts of a student execute on emulated ARM cores: instructions and modelled cycles.

A count does not depend on the machine that it is taken on, so that each artifact is counted once.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.arm import counted
from benchmarks.compare.subject import Subject
from benchmarks.peers.edgekit_own import TARGETS
from edgekit.errors import EdgekitError
from edgekit.files import read_json, save_array, write_json
from edgekit.hashes import sha256_json, size_of
from edgekit.manifest import GOLDEN, Golden, Manifest, write_manifest
from edgekit.target import target_named

CORES = ("cortex-a76", "cortex-a72")
_FIGURES = ("instructions", "cycles", "runtime", "tool")
Row = dict[str, Any]


def count_rows(
    subject: Subject,
    runtime: str,
    rows: Sequence[Row],
    cores: Sequence[str],
    say: Callable[[str], None],
) -> None:
    """Add what each row's artifact executes, by core; what cannot be counted gets its reason.

    Args:
        subject: the student.
        runtime: that executes the artifacts.
        rows: those of `rows.py`; `counts` is added, by core.
        cores: as qemu names them.
        say: told what is being done.
    """
    for row in rows:
        row["counts"] = {}
        if row["error"] is None:
            say(f"{subject.task.student}: counting {runtime} {row['peer']}")
            folder = subject.folder.parent / runtime / row["peer"]
            try:
                row["counts"] = {
                    core: _noted(subject, runtime, row, folder, core) for core in cores
                }
            except EdgekitError as error:
                row["error"] = f"counting: {error.what}"


def _noted(subject: Subject, runtime: str, row: Row, folder: Path, core: str) -> Row:
    """Count, unless that was noted before of the same file."""
    notes, key = folder / f"count-{core}.json", row["sha256"]
    found = read_json(notes) if notes.is_file() else {}
    if found.get("key") != key:
        bundle = as_bundle(subject, runtime, folder)
        try:
            found = {"key": key, **counted(bundle, core).to_json()}
        finally:
            shutil.rmtree(bundle)
        write_json(notes, found)
    return {name: found[name] for name in _FIGURES}


def as_bundle(subject: Subject, runtime: str, folder: Path) -> Path:
    """Put an artifact and one test image into a bundle, which is what a Device takes.

    Args:
        subject: the student.
        runtime: that executes the artifact.
        folder: of the artifact, `model.*`; the bundle lies in it.
    """
    bundle = folder / "bundle-to-count"
    shutil.rmtree(bundle, ignore_errors=True)
    (bundle / GOLDEN / "inputs").mkdir(parents=True)
    files = [path for path in folder.glob("model*") if path.is_file()]
    for path in files:
        shutil.copyfile(path, bundle / path.name)
    image = np.array(np.load(subject.images, mmap_mode="r", allow_pickle=False)[:1])
    save_array(bundle / GOLDEN / "inputs" / f"{subject.task.input}.npy", image)
    artifact = next(path.name for path in files if path.suffix in (".onnx", ".tflite"))
    write_manifest(_manifest(subject, runtime, artifact, bundle), bundle)
    return bundle


def _manifest(subject: Subject, runtime: str, artifact: str, bundle: Path) -> Manifest:
    target = target_named(TARGETS[runtime])  # type: ignore[index]
    return Manifest(
        target=target.name,
        runtime=target.runtime,
        runner=target.runner,
        precision="fp32",  # whatever it is: nothing that counts looks at it
        artifact=artifact,
        size_bytes=size_of(bundle / artifact),
        evidence=None,
        signature=subject.signature,
        detector_sha256=sha256_json(subject.task.sha256),
        golden=Golden(samples=1, max_abs=None),
    )
