"""Traces of artifacts on disk, in a process of their own: a runtime that crashes takes only that.

    python -m edgekit.verification.layers.artifacts JOB

JOB is a folder with `job.json` (runner, artifact, layers, what) and `0.npy`, `1.npy`, ... for the
inputs; `trace.npz` appears in it, or `rows.json` where kernels are compared. What traces is the
module that a Runtime names as `tracer`. It offers

    trace(path, inputs, layers, plain) -> dict[str, array]
    operators(path, layers) -> list[Layer]    what `trace` can tell apart in that very file
"""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import EdgekitError, UnavailableError
from edgekit.files import save_array, writing
from edgekit.process import finish
from edgekit.runtimes import runtime_of
from edgekit.verification.layers.compare import Row, compare
from edgekit.verification.layers.layer import Layer

TIMEOUT_S = 600
KERNEL_SAMPLES = 2  # every tensor of the file is held twice for each
What = Literal["fast", "plain", "kernels"]


def tracer_of(runner: str) -> str | None:
    """Name the module that shows a runtime's tensors; None where nothing here does.

    Args:
        runner: of the bundle's manifest.
    """
    runtime = runtime_of(runner)
    name = runtime.tracer if runtime else None
    return name if name is None or "." in name else f"edgekit.verification.layers.{name}"


def trace_artifact(
    runner: str,
    artifact: Path,
    inputs: tuple[NDArray[np.float32], ...],
    layers: Sequence[Layer],
    plain: bool = False,
) -> dict[str, NDArray[np.float32]]:
    """Run an artifact and return the tensors of some layers, float32 [N, C, ...].

    Args:
        runner: which session executes it.
        artifact: the file.
        inputs: float32 [N, ...] each, in the student's order.
        layers: of the float Program; those that the artifact does not show are left out.
        plain: with the runtime's plain kernels instead of those that the artifact runs with.

    Raises:
        UnavailableError: when nothing here shows that runtime's tensors.
        EdgekitError: when the runtime refuses the artifact, crashes or hangs.
    """
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        _run(Path(scratch), runner, artifact, inputs, layers, "plain" if plain else "fast")
        with np.load(Path(scratch, "trace.npz"), allow_pickle=False) as found:
            return {name: found[name] for name in found.files}


def kernel_rows(
    runner: str, artifact: Path, inputs: tuple[NDArray[np.float32], ...], layers: Sequence[Layer]
) -> list[Row]:
    """Compare the kernels that an artifact runs with, here, with the runtime's plain ones.

    Args:
        runner: which session executes it.
        artifact: the file.
        inputs: float32 [N, ...] each, in the student's order; the first two samples are run.
        layers: of the float Program.

    Returns:
        the artifact's own operators in their order, the plain kernels' result as what is right.

    Raises:
        UnavailableError: when nothing here shows that runtime's tensors.
        EdgekitError: when the runtime refuses the artifact, crashes or hangs.
    """
    few = tuple(array[:KERNEL_SAMPLES] for array in inputs)
    with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
        _run(Path(scratch), runner, artifact, few, layers, "kernels")
        rows = json.loads(Path(scratch, "rows.json").read_text(encoding="utf-8"))
        return [Row(**{**row, "layer": _layer(row["layer"])}) for row in rows]


def _run(
    folder: Path,
    runner: str,
    artifact: Path,
    inputs: tuple[NDArray[np.float32], ...],
    layers: Sequence[Layer],
    what: What,
) -> None:
    if tracer_of(runner) is None:
        raise UnavailableError(
            f"nothing here shows the tensors inside {artifact.name}", "Compare another target"
        )
    known = [asdict(layer) for layer in layers]
    job = {"runner": runner, "artifact": str(artifact.resolve()), "layers": known, "what": what}
    with writing(folder):
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        for place, array in enumerate(inputs):
            save_array(folder / f"{place}.npy", array)
    _start(folder, artifact)


def _start(folder: Path, artifact: Path) -> None:
    command = [sys.executable, "-m", "edgekit.verification.layers.artifacts", str(folder)]
    hang = EdgekitError(f"running {artifact} took more than {TIMEOUT_S} s", "It hangs")
    ended = finish(command, TIMEOUT_S, hang)
    if ended.code:
        last = ended.last_line(f"exit status {ended.code}")[:300]
        raise EdgekitError(f"the runtime fails on {artifact}: {last}", "Export it again")


def _layer(item: Mapping[str, Any]) -> Layer:
    return Layer(**{**item, "inputs": tuple(item["inputs"])})


def _main(folder: Path) -> None:
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    layers, path = [_layer(item) for item in job["layers"]], Path(job["artifact"])
    count = len(list(folder.glob("*.npy")))
    inputs = tuple(np.load(folder / f"{place}.npy") for place in range(count))
    tracer = import_module(str(tracer_of(job["runner"])))
    if job["what"] != "kernels":
        found = tracer.trace(path, inputs, layers, job["what"] == "plain")
        np.savez(folder / "trace.npz", **found)
        return
    own = tracer.operators(path, layers)
    right, other = (tracer.trace(path, inputs, own, plain) for plain in (True, False))
    rows = [asdict(row) for row in compare(own, right, other)]
    (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
