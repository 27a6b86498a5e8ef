"""The runner: executes a bundle's artifact on arrays, and times it. The same file on every device.

    python runner.py BUNDLE INPUTS OUTPUTS [--threads N] [--warmup N] [--runs N]

INPUTS is a folder with one `<input name>.npy` per input, float32 [N, ...] in the layout of the
manifest. OUTPUTS becomes a folder with `logits.npy`, float32 [N, C], and `result.json`. With
`--runs` the first sample is run that often and timed.

It needs numpy and the artifact's runtime, nothing else. Boards have old Pythons, so it uses nothing
that is newer than 3.8 (`zip` has no `strict` there).

Exit code 0: done; 2: the bundle or the inputs are wrong; 3: the runtime is not installed here.
`result.json` then holds {"error": ...}.
"""

import argparse
import json
import os
import platform
import re
import sys
import time
from typing import Any, Callable, Dict, List, Sequence, Tuple  # noqa: UP035  (Python 3.8 on old boards)

import numpy as np


class NotHereError(Exception):
    """The runtime is not installed, or does not run on this system."""


class OnnxRuntime:
    """ONNX Runtime on the CPU."""

    def __init__(self, path: str, names: Sequence[str], threads: int) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise NotHereError(f"onnxruntime is not installed ({error})") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self.names = names
        self.version = f"onnxruntime {onnxruntime.__version__}"

    def inputs(self) -> List[Dict[str, Any]]:  # noqa: UP006
        """Describe the artifact's inputs: name, shape, dtype."""
        return [
            {"name": item.name, "shape": list(item.shape), "dtype": item.type}
            for item in self.session.get_inputs()
        ]

    def run(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Run one sample."""
        return np.asarray(self.session.run(None, dict(zip(self.names, arrays)))[0])

    def ready(self, arrays: Sequence[np.ndarray]) -> Callable[[], Any]:
        """Return what is timed: one inference on inputs that lie ready."""
        feed = dict(zip(self.names, arrays))
        return lambda: self.session.run(None, feed)


class LiteRT:
    """LiteRT, or tflite-runtime where that older name is what is installed."""

    def __init__(self, path: str, names: Sequence[str], threads: int, **options: Any) -> None:
        interpreter, self.version = _tflite_interpreter()
        self.model = interpreter(model_path=path, num_threads=threads, **options)
        self.model.allocate_tensors()
        details = self.model.get_input_details()
        # The converter names inputs serving_default_args_0:0, _1:0, ... in the model's own order,
        # and lists them in another one.
        self.details = sorted(details, key=lambda item: _numbers(item["name"]))
        self.output = self.model.get_output_details()[0]

    def inputs(self) -> List[Dict[str, Any]]:  # noqa: UP006
        """Describe the artifact's inputs: name, shape, dtype and, where integer, its scale."""
        return [
            {
                "name": item["name"],
                "shape": [int(size) for size in item["shape"]],
                "dtype": np.dtype(item["dtype"]).name,
                "scale": float(item["quantization"][0]),
                "zero_point": int(item["quantization"][1]),
            }
            for item in self.details
        ]

    def run(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Run one sample; integer inputs and outputs are converted here."""
        self._set(arrays)
        self.model.invoke()
        return to_floats(self.model.get_tensor(self.output["index"]), self.output)

    def ready(self, arrays: Sequence[np.ndarray]) -> Callable[[], Any]:
        """Return what is timed: one inference on inputs that lie ready.

        An app converts the camera's bytes to the artifact's integers in its own preprocessing, so
        that conversion is no part of the inference.
        """
        self._set(arrays)
        return self.model.invoke

    def _set(self, arrays: Sequence[np.ndarray]) -> None:
        for detail, array in zip(self.details, arrays):
            self.model.set_tensor(detail["index"], _to_integers(array, detail))


class CoreML:
    """Core ML, which executes on macOS only."""

    def __init__(self, path: str, names: Sequence[str], threads: int) -> None:
        if platform.system() != "Darwin":
            raise NotHereError(f"Core ML executes on macOS only, this is {platform.system()}")
        try:
            import coremltools
        except ImportError as error:
            raise NotHereError(f"coremltools is not installed ({error})") from error
        self.model = coremltools.models.MLModel(path)
        self.names = names
        self.version = f"coremltools {coremltools.__version__}"

    def inputs(self) -> List[Dict[str, Any]]:  # noqa: UP006
        """Describe the artifact's inputs."""
        return [{"name": item.name} for item in self.model.get_spec().description.input]

    def run(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Run one sample."""
        return np.asarray(self.model.predict(dict(zip(self.names, arrays)))["logits"])

    def ready(self, arrays: Sequence[np.ndarray]) -> Callable[[], Any]:
        """Return what is timed: one inference on inputs that lie ready."""
        feed = dict(zip(self.names, arrays))
        return lambda: self.model.predict(feed)


SESSIONS: Dict[str, Any] = {"onnxruntime": OnnxRuntime, "litert": LiteRT, "coreml": CoreML}  # noqa: UP006


def _numbers(name: str) -> List[int]:  # noqa: UP006
    return [int(digits) for digits in re.findall("[0-9]+", name)]


def _tflite_interpreter() -> Tuple[Any, str]:  # noqa: UP006
    try:
        import ai_edge_litert
        from ai_edge_litert.interpreter import Interpreter

        return Interpreter, f"ai-edge-litert {getattr(ai_edge_litert, '__version__', '?')}"
    except ImportError:
        pass
    try:
        import tflite_runtime
        from tflite_runtime.interpreter import Interpreter

        return Interpreter, f"tflite-runtime {tflite_runtime.__version__}"
    except ImportError as error:
        raise NotHereError(
            f"neither ai-edge-litert nor tflite-runtime is here ({error})"
        ) from error


def _to_integers(array: np.ndarray, detail: Dict[str, Any]) -> np.ndarray:  # noqa: UP006
    dtype = np.dtype(detail["dtype"])
    if dtype.kind == "f":
        return array.astype(dtype)
    scale, zero_point = detail["quantization"]
    limits = np.iinfo(dtype)
    return np.clip(np.round(array / scale) + zero_point, limits.min, limits.max).astype(dtype)


def to_floats(array: np.ndarray, detail: Dict[str, Any]) -> np.ndarray:  # noqa: UP006
    """Return what a tensor of TFLite stands for, float32, by its scale and zero point."""
    if array.dtype.kind == "f":
        return np.asarray(array, dtype=np.float32)
    scale, zero_point = detail["quantization"]
    return (array.astype(np.float32) - zero_point) * np.float32(scale)


def load_inputs(folder: str, manifest: Dict[str, Any]) -> List[np.ndarray]:  # noqa: UP006
    """Map the inputs into memory, in the Signature's order, without reading them whole."""
    specs = manifest["signature"]["inputs"]
    arrays = [np.load(os.path.join(folder, spec["name"] + ".npy"), mmap_mode="r") for spec in specs]
    for spec, array in zip(specs, arrays):
        if list(array.shape[1:]) != list(spec["shape"])[1:]:
            raise ValueError(f"input {spec['name']} has shape {array.shape}, not {spec['shape']}")
    if len({len(array) for array in arrays}) != 1 or len(arrays[0]) == 0:
        raise ValueError("the inputs hold no samples, or different numbers of them")
    return arrays


def measure(session: Any, sample: Sequence[np.ndarray], warmup: int, runs: int) -> List[float]:  # noqa: UP006
    """Time one sample again and again; milliseconds per run, after the warm-up."""
    infer = session.ready(sample)
    for _ in range(warmup):
        infer()
    times = []
    for _ in range(runs):
        start = time.perf_counter_ns()
        infer()
        times.append((time.perf_counter_ns() - start) / 1e6)
    return times


def peak_memory() -> int:
    """Return this process's largest resident size so far, bytes; 0 where it cannot be read.

    Linux counts what the parent held into `ru_maxrss`, so the process's own figure comes first.
    """
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            lines = [line for line in file if line.startswith("VmHWM:")]
        return int(lines[0].split()[1]) * 1024
    except (OSError, IndexError, ValueError):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if platform.system() == "Darwin" else peak * 1024)


def execute(options: argparse.Namespace) -> Dict[str, Any]:  # noqa: UP006
    """Load the artifact, run every sample, time the first; write the logits."""
    with open(os.path.join(options.bundle, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    arrays = load_inputs(options.inputs, manifest)
    names = [spec["name"] for spec in manifest["signature"]["inputs"]]
    start = time.perf_counter()
    session = SESSIONS[manifest["runner"]](
        os.path.join(options.bundle, manifest["artifact"]), names, options.threads
    )
    loaded = time.perf_counter()
    rows = []
    for index in range(len(arrays[0])):
        rows.append(session.run([np.ascontiguousarray(array[index][None]) for array in arrays]))
        if index == 0:
            first = time.perf_counter()
    np.save(os.path.join(options.outputs, "logits.npy"), np.concatenate(rows).astype(np.float32))
    sample = [np.ascontiguousarray(array[0][None]) for array in arrays]
    return {
        "runtime": session.version,
        "inputs": session.inputs(),
        "samples": len(rows),
        "load_ms": (loaded - start) * 1e3,
        "first_ms": (first - loaded) * 1e3,
        "times_ms": measure(session, sample, options.warmup, options.runs),
        "threads": options.threads,
        "machine": platform.machine(),
        "system": platform.system(),
        "peak_mem_bytes": peak_memory(),
    }


def main(arguments: Sequence[str]) -> int:
    """Parse, execute, write `result.json`; see the module's description for the exit codes."""
    parser = argparse.ArgumentParser(description="Execute a bundle's artifact on arrays.")
    parser.add_argument("bundle")
    parser.add_argument("inputs")
    parser.add_argument("outputs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=0)
    parser.add_argument("--runs", type=int, default=0)
    options = parser.parse_args(arguments)
    os.makedirs(options.outputs, exist_ok=True)
    code = 0
    try:
        result = execute(options)
    except NotHereError as error:
        result, code = {"error": str(error)}, 3
    except Exception as error:  # whatever a runtime raises about an artifact, the caller must see
        result, code = {"error": f"{type(error).__name__}: {error}"}, 2
    with open(os.path.join(options.outputs, "result.json"), "w", encoding="utf-8") as file:
        json.dump(result, file)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
