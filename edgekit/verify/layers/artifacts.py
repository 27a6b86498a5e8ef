"""Traces of artifacts on disk, in a process of their own: a runtime that crashes takes only that.

    python -m edgekit.verify.layers.artifacts JOB

JOB is a folder with `job.json` (runner, artifact, layers) and `0.npy`, `1.npy`, ... for the inputs;
`trace.npz` appears in it. A new runtime is one module beside this one and one line in TRACERS.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import EdgekitError, UnavailableError
from edgekit.files import save_array, writing
from edgekit.process import finish
from edgekit.verify.layers.layer import Layer

TRACERS = {
    "onnxruntime": "edgekit.verify.layers.onnx",
    "litert": "edgekit.verify.layers.tflite",
    "reference": "edgekit.verify.layers.reference",
}
TIMEOUT_S = 600


def trace_artifact(
    runner: str, artifact: Path, inputs: tuple[NDArray[np.float32], ...], layers: Sequence[Layer]
) -> dict[str, NDArray[np.float32]]:
    """Run an artifact and return the tensors of some layers, float32 [N, C, ...].

    Args:
        runner: which session executes it.
        artifact: the file.
        inputs: float32 [N, ...] each, in the student's order.
        layers: of the float Program; those that the artifact does not show are left out.

    Raises:
        UnavailableError: when nothing here shows that runtime's tensors.
        EdgekitError: when the runtime refuses the artifact, crashes or hangs.
    """
    if runner not in TRACERS:
        raise UnavailableError(
            f"nothing here shows the tensors inside {artifact.name}", "Compare another target"
        )
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        folder = Path(scratch)
        known = [asdict(layer) for layer in layers]
        job = {"runner": runner, "artifact": str(artifact.resolve()), "layers": known}
        with writing(folder):
            (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
            for place, array in enumerate(inputs):
                save_array(folder / f"{place}.npy", array)
        _start(folder, artifact)
        with np.load(folder / "trace.npz", allow_pickle=False) as found:
            return {name: found[name] for name in found.files}


def _start(folder: Path, artifact: Path) -> None:
    command = [sys.executable, "-m", "edgekit.verify.layers.artifacts", str(folder)]
    hang = EdgekitError(f"running {artifact} took more than {TIMEOUT_S} s", "It hangs")
    ended = finish(command, TIMEOUT_S, hang)
    if ended.code:
        last = ended.last_line(f"exit status {ended.code}")[:300]
        raise EdgekitError(f"the runtime fails on {artifact}: {last}", "Export it again")


def _main(folder: Path) -> None:
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    layers = [Layer(**{**item, "inputs": tuple(item["inputs"])}) for item in job["layers"]]
    count = len(list(folder.glob("*.npy")))
    inputs = tuple(np.load(folder / f"{place}.npy") for place in range(count))
    tracer = import_module(TRACERS[job["runner"]])
    np.savez(folder / "trace.npz", **tracer.trace(Path(job["artifact"]), inputs, layers))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
