"""The runner: executes a bundle's artifact on arrays, and times it. The same file on every device.

    python runner.py BUNDLE INPUTS OUTPUTS [--threads N] [--warmup N] [--runs N]
                     [--against BUNDLE [--swap]] [--batch N] [--sustained SECONDS] [--plain]
                     [--session NAME=FILE:CLASS]

INPUTS is a folder with one `<input name>.npy` per input, float32 [N, ...] in the layout of the
manifest. OUTPUTS becomes a folder with `logits.npy`, float32 [N, C], and `result.json`. With
`--runs` the first sample is run that often and timed, after `--warmup` untimed runs or, with
`--warmup -1`, after as many as it takes until the times have settled. `--against` times another
bundle in the same process, in turns with this one; `--batch` times N copies of the sample at once
and `--sustained` one sample without a pause. What they find is in `timing` of the result.
`--plain` executes with the runtime's plain kernels, one for each operator of the file, without what
makes them fast on this processor: slower, and what the fast ones are held against. `--session`
names a session from a file of its own, for artifacts whose manifest's `runner` is NAME.

It needs numpy and the artifact's runtime, nothing else. Boards have old Pythons, so it uses nothing
that is newer than 3.8 (`zip` has no `strict` there).

Exit code 0: done; 2: the bundle or the inputs are wrong; 3: the runtime is not installed here.
`result.json` then holds {"error": ...}.
"""

import argparse
import importlib.util
import json
import math
import os
import platform
import re
import sys
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

UNTIL_STABLE = -1  # for `--warmup`
WINDOWS = 5  # that must agree before times count as settled
SPREAD = 0.02  # how far they may vary: standard deviation over mean
WINDOW_NS = 4e6  # length of a window
LONGEST_NS = 1e9  # a warm-up that has not settled by then is given up
QUADS = 5  # rounds A B B A of a pair
LEAD = 3  # untimed runs at the start of each block: the other artifact emptied the caches
BIN_S = 1.0  # of a sustained run, one median each
# An ONNX file with one MatMulInteger: a (uint8) times b (int8) is c (int32).
PRODUCTS = (
    b'\x08\x04\x12\x00:>\n\x18\n\x01a\n\x01b\x12\x01c"\rMatMulInteger\x12\x01gZ\t\n\x01a'
    b"\x12\x04\n\x02\x08\x02Z\t\n\x01b\x12\x04\n\x02\x08\x03b\t\n\x01c\x12\x04\n\x02\x08\x06"
    b"B\x04\n\x00\x10\n"
)

Infer = Callable[[], Any]


class NotHereError(Exception):
    """The runtime is not installed, or does not run on this system."""


class OnnxRuntime:
    """ONNX Runtime on the CPU; `plain` as the file stands, no operators fused or replaced."""

    def __init__(self, path: str, names: Sequence[str], threads: int, plain: bool = False) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise NotHereError(f"onnxruntime is not installed ({error})") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        if plain:
            off = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            options.graph_optimization_level = off
        self.session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self.names = names
        self.version = f"onnxruntime {onnxruntime.__version__}"

    def inputs(self) -> List[Dict[str, Any]]:
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

    def traits(self) -> Dict[str, Any]:
        """Say what of this processor decides whether an artifact is right here."""
        return {"saturates": saturates()}


def saturates() -> bool:
    """Ask ONNX Runtime whether it adds 8-bit products up wrongly on this processor.

    On x86 without VNNI its kernels add pairs of them up in 16 bits, which saturate.
    """
    import onnxruntime

    products = onnxruntime.InferenceSession(PRODUCTS, providers=["CPUExecutionProvider"])
    left, right = np.full((1, 64), 255, np.uint8), np.full((64, 16), 127, np.int8)
    found = products.run(None, {"a": left, "b": right})[0]
    return bool((found != 255 * 127 * 64).any())


class LiteRT:
    """LiteRT, or tflite-runtime where that older name is what is installed.

    `plain` is with its built-in kernels instead of XNNPACK's; `options` are the interpreter's own.
    """

    def __init__(
        self, path: str, names: Sequence[str], threads: int, plain: bool = False, **options: Any
    ) -> None:
        interpreter, self.version, kernels = _tflite_interpreter()
        if plain:
            built_in = kernels.BUILTIN_WITHOUT_DEFAULT_DELEGATES
            options["experimental_op_resolver_type"] = built_in
        self.model = interpreter(model_path=path, num_threads=threads, **options)
        self.model.allocate_tensors()
        details = self.model.get_input_details()
        # The converter names inputs serving_default_args_0:0, _1:0, ... in the model's own order,
        # and lists them in another one.
        self.details = sorted(details, key=lambda item: _numbers(item["name"]))
        self.output = self.model.get_output_details()[0]

    def inputs(self) -> List[Dict[str, Any]]:
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

    def resize(self, batch: int) -> None:
        """Let the artifact take that many samples at once; ValueError where its graph fixes it."""
        for detail in self.details:
            shape = [batch, *(int(size) for size in detail["shape"][1:])]
            self.model.resize_tensor_input(detail["index"], shape, strict=True)
        self.model.allocate_tensors()

    def _set(self, arrays: Sequence[np.ndarray]) -> None:
        for detail, array in zip(self.details, arrays):
            self.model.set_tensor(detail["index"], _to_integers(array, detail))


class OpenVino:
    """OpenVINO on the CPU; `plain` with quantize/dequantize pairs computed in float, none fused.

    `taps` names tensors that are put out besides; `more` is set besides what every run needs.
    """

    def __init__(
        self,
        path: str,
        names: Sequence[str],
        threads: int,
        plain: bool = False,
        taps: Sequence[str] = (),
        **more: Any,
    ) -> None:
        try:
            import openvino
        except ImportError as error:
            raise NotHereError(f"openvino is not installed ({error})") from error
        settings = {
            # Else processors with bfloat16 compute in that, and decide otherwise than all others.
            "INFERENCE_PRECISION_HINT": "f32",
            # Else activations are rounded where weights alone were quantized.
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads,
            # Several runs at once on one machine must not be bound to the same core.
            "ENABLE_CPU_PINNING": False,
            **more,
        }
        if plain:
            settings.update(LP_TRANSFORMS_MODE="NO", SNIPPETS_MODE="DISABLE")
        core = openvino.Core()
        model = core.read_model(openvino_graph(path))
        if taps:
            model.add_outputs(list(taps))
        self.compiled = core.compile_model(model, "CPU", settings)
        self.request = self.compiled.create_infer_request()
        self.names = names
        self.version = "openvino " + openvino.__version__.partition("-")[0]

    def inputs(self) -> List[Dict[str, Any]]:
        """Describe the artifact's inputs: name, shape, dtype."""
        return [
            {
                "name": item.any_name,
                "shape": [int(size) for size in item.shape],
                "dtype": np.dtype(item.element_type.to_dtype()).name,
            }
            for item in self.compiled.inputs
        ]

    def run(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Run one sample."""
        self.ready(arrays)()
        return np.array(self.request.get_output_tensor(0).data)

    def ready(self, arrays: Sequence[np.ndarray]) -> Callable[[], Any]:
        """Return what is timed: one inference on inputs that lie ready."""
        for name, array in zip(self.names, arrays):
            self.request.get_tensor(name).data[:] = array
        return lambda: self.request.infer(share_outputs=True)


def openvino_graph(path: str) -> str:
    """Return the graph's file: the artifact is its folder, because weights lie beside it."""
    return path if path.endswith(".xml") else os.path.join(path, "model.xml")


class CoreML:
    """Core ML, which executes on macOS only and has no plain kernels."""

    def __init__(self, path: str, names: Sequence[str], threads: int, plain: bool = False) -> None:
        if plain:
            raise NotHereError("Core ML has no plain kernels")
        if platform.system() != "Darwin":
            raise NotHereError(f"Core ML executes on macOS only, this is {platform.system()}")
        try:
            import coremltools
        except ImportError as error:
            raise NotHereError(f"coremltools is not installed ({error})") from error
        self.model = coremltools.models.MLModel(path)
        self.names = names
        self.version = f"coremltools {coremltools.__version__}"

    def inputs(self) -> List[Dict[str, Any]]:
        """Describe the artifact's inputs."""
        return [{"name": item.name} for item in self.model.get_spec().description.input]

    def run(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Run one sample."""
        return np.asarray(self.model.predict(dict(zip(self.names, arrays)))["logits"])

    def ready(self, arrays: Sequence[np.ndarray]) -> Callable[[], Any]:
        """Return what is timed: one inference on inputs that lie ready."""
        feed = dict(zip(self.names, arrays))
        return lambda: self.model.predict(feed)


def _reference(path: str, names: Sequence[str], threads: int, plain: bool = False) -> Any:
    """Open edgekit's own interpreter of ONNX files; the one session that needs edgekit itself."""
    if plain:
        raise NotHereError("an interpreter has no other kernels")
    try:
        from edgekit.devices.reference import Reference
    except ImportError as error:
        raise NotHereError(f"edgekit's interpreter of ONNX is not here ({error})") from error
    return Reference(path, names, threads)


SESSIONS: Dict[str, Any] = {
    "onnxruntime": OnnxRuntime,
    "litert": LiteRT,
    "openvino": OpenVino,
    "coreml": CoreML,
    "reference": _reference,
}


def add_session(text: str) -> None:
    """Take in a session from a file of its own: `NAME=FILE:CLASS`, a class as those above."""
    name, _, place = text.partition("=")
    file, _, kind = place.rpartition(":")

    def opened(*given: Any) -> Any:
        spec = importlib.util.spec_from_file_location("session_of_" + name, file)
        if spec is None or spec.loader is None:
            raise NotHereError(f"{file} is no module")
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
            return getattr(module, kind)(*given)
        except ImportError as error:
            raise NotHereError(f"session {name} does not import: {error}") from error

    SESSIONS[name] = opened


def _numbers(name: str) -> List[int]:
    return [int(digits) for digits in re.findall("[0-9]+", name)]


def _tflite_interpreter() -> Tuple[Any, str, Any]:
    """Return the interpreter, its name and version, and the names of its sets of kernels."""
    try:
        import ai_edge_litert
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        name = f"ai-edge-litert {getattr(ai_edge_litert, '__version__', '?')}"
        return Interpreter, name, OpResolverType
    except ImportError:
        pass
    try:
        import tflite_runtime
        from tflite_runtime.interpreter import Interpreter, OpResolverType

        return Interpreter, f"tflite-runtime {tflite_runtime.__version__}", OpResolverType
    except ImportError as error:
        raise NotHereError(
            f"neither ai-edge-litert nor tflite-runtime is here ({error})"
        ) from error


def _to_integers(array: np.ndarray, detail: Dict[str, Any]) -> np.ndarray:
    dtype = np.dtype(detail["dtype"])
    if dtype.kind == "f":
        return array.astype(dtype)
    scale, zero_point = detail["quantization"]
    limits = np.iinfo(dtype)
    return np.clip(np.round(array / scale) + zero_point, limits.min, limits.max).astype(dtype)


def to_floats(array: np.ndarray, detail: Dict[str, Any]) -> np.ndarray:
    """Return what a tensor of TFLite stands for, float32, by its scale and zero point."""
    if array.dtype.kind == "f":
        return np.asarray(array, dtype=np.float32)
    scale, zero_point = detail["quantization"]
    return (array.astype(np.float32) - zero_point) * np.float32(scale)


def load_inputs(folder: str, manifest: Dict[str, Any]) -> List[np.ndarray]:
    """Map the inputs into memory, in the Signature's order, without reading them whole."""
    specs = manifest["signature"]["inputs"]
    arrays = [np.load(os.path.join(folder, spec["name"] + ".npy"), mmap_mode="r") for spec in specs]
    for spec, array in zip(specs, arrays):
        if list(array.shape[1:]) != list(spec["shape"])[1:]:
            raise ValueError(f"input {spec['name']} has shape {array.shape}, not {spec['shape']}")
    if len({len(array) for array in arrays}) != 1 or len(arrays[0]) == 0:
        raise ValueError("the inputs hold no samples, or different numbers of them")
    return arrays


def measure(session: Any, sample: Sequence[np.ndarray], warmup: int, runs: int) -> List[float]:
    """Time one sample again and again; milliseconds per run, after the warm-up."""
    infer = session.ready(sample)
    warm_up(infer, warmup)
    return timed(infer, runs)


def timed(infer: Infer, runs: int) -> List[float]:
    """Return the time of each of `runs` runs, milliseconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter_ns()
        infer()
        times.append((time.perf_counter_ns() - start) / 1e6)
    return times


def warm_up(infer: Infer, runs: int) -> Dict[str, Any]:
    """Run untimed, so many times or until the times have settled.

    Settled is when the medians of the last five windows vary by at most 2% (standard deviation
    over mean), as Georges, Buytaert and Eeckhout ask of the last iterations ("Statistically
    rigorous Java performance evaluation", OOPSLA 2007). After 1 s a machine that never settles is
    given up on.

    Returns:
        how many runs it took, and whether the times had settled; None where nobody looked.
    """
    if runs != UNTIL_STABLE:
        for _ in range(runs):
            infer()
        return {"runs": runs, "stable": None}
    begin = time.perf_counter_ns()
    infer()
    infer()
    length = max(1, math.ceil(2 * WINDOW_NS / max(1, time.perf_counter_ns() - begin)))
    medians = []  # type: List[float]
    while True:
        medians.append(float(np.median(timed(infer, length))))
        last, total = np.array(medians[-WINDOWS:]), 2 + length * len(medians)
        if len(last) == WINDOWS and last.std(ddof=1) <= SPREAD * last.mean():
            return {"runs": total, "stable": True}
        if len(last) == WINDOWS and time.perf_counter_ns() - begin > LONGEST_NS:
            return {"runs": total, "stable": False}


def measure_pair(own: Infer, other: Infer, warmup: int, runs: int, swap: bool) -> Dict[str, Any]:
    """Time two artifacts in one process, in blocks A B B A, so that a drift hits both alike.

    Args:
        own: one inference of the artifact in question.
        other: one of the artifact that it is held against.
        warmup: see `warm_up`.
        runs: timed runs of each.
        swap: the other one has the first and the last block of each round.

    Returns:
        `own` and `other`: two blocks a round of times in milliseconds; and the own `warmup`.
    """
    warmed = [warm_up(infer, warmup) for infer in (own, other)]
    blocks = {"own": [], "other": []}  # type: Dict[str, List[List[float]]]
    order = ("other", "own", "own", "other") if swap else ("own", "other", "other", "own")
    rounds = max(1, min(QUADS, runs // 2))
    sizes = [len(part) for part in np.array_split(np.arange(runs), 2 * rounds)]
    for index in range(rounds):
        for turn, name in enumerate(order):
            infer = own if name == "own" else other
            timed(infer, LEAD)
            half = sum(name == earlier for earlier in order[:turn])
            blocks[name].append(timed(infer, max(1, sizes[2 * index + half])))
    return {**blocks, "warmup": warmed[0]}


def measure_batch(
    session: Any, sample: Sequence[np.ndarray], batch: int, runs: int
) -> Dict[str, Any]:
    """Time several samples at once, or say why the artifact does not take them."""
    try:
        if hasattr(session, "resize"):
            session.resize(batch)
        infer = session.ready([np.repeat(array, batch, axis=0) for array in sample])
        warm_up(infer, UNTIL_STABLE)
    except Exception as error:  # each runtime has its own way to refuse a shape
        return {"size": batch, "error": str(error).splitlines()[0][:300]}
    return {"size": batch, "times_ms": timed(infer, runs)}


def measure_sustained(infer: Infer, seconds: float) -> List[List[float]]:
    """Run without a pause; one row per second: seconds since the start, median ms, runs."""
    rows, times = [], []  # type: Tuple[List[List[float]], List[float]]
    start = bin_start = time.perf_counter()
    while True:
        times += timed(infer, 1)
        now = time.perf_counter()
        if now - bin_start >= min(BIN_S, seconds / 20):
            rows.append([now - start, float(np.median(times)), len(times)])
            bin_start, times = now, []
        if now - start >= seconds:
            return rows


def process_age_ms() -> float:
    """Return the time since this process was started, milliseconds; 0 where it cannot be read.

    Linux notes the start in clock ticks, normally of 10 ms.
    """
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
            ticks = float(file.read().rpartition(")")[2].split()[19])
        started = ticks / os.sysconf("SC_CLK_TCK")
        return max(0.0, (time.clock_gettime(time.CLOCK_BOOTTIME) - started) * 1e3)
    except (OSError, AttributeError, IndexError, ValueError):
        return 0.0


def environment() -> Dict[str, Any]:
    """Describe what a time depends on besides the artifact; None for what cannot be read."""
    governor = _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    heat = _read("/sys/class/thermal/thermal_zone0/temp")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.system() + " " + platform.release(),
        "governor": governor,
        "temperature_c": int(heat) / 1000 if heat and heat.lstrip("-").isdigit() else None,
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "instruction_sets": _instruction_sets(),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def _read(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None


def _processor() -> str:
    for line in (_read("/proc/cpuinfo") or "").splitlines():
        if line.startswith(("model name", "Model\t", "Hardware")):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _instruction_sets() -> List[str]:
    """Return what this processor (or who emulates it) offers, as numpy asks it."""
    core = getattr(np, "_core", None) or np.core
    found = getattr(core._multiarray_umath, "__cpu_features__", {})
    return sorted(name for name, here in found.items() if here)


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


def load(
    bundle: str, inputs: str, threads: int, plain: bool = False
) -> Tuple[Any, List[np.ndarray]]:
    """Open a bundle's artifact and its inputs."""
    with open(os.path.join(bundle, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    arrays = load_inputs(inputs, manifest)
    names = [spec["name"] for spec in manifest["signature"]["inputs"]]
    path = os.path.join(bundle, manifest["artifact"])
    return SESSIONS[manifest["runner"]](path, names, threads, plain), arrays


def execute(options: argparse.Namespace) -> Dict[str, Any]:
    """Load the artifact, run every sample, time the first; write the logits."""
    before = environment()
    other = _other(options) if options.against and options.swap else None
    start = time.perf_counter()
    session, arrays = load(options.bundle, options.inputs, options.threads, options.plain)
    loaded = time.perf_counter()
    rows = []
    cold = 0.0
    for index in range(len(arrays[0])):
        rows.append(session.run([_sample(array, index) for array in arrays]))
        if index == 0:
            first, cold = time.perf_counter(), process_age_ms()
    np.save(os.path.join(options.outputs, "logits.npy"), np.concatenate(rows).astype(np.float32))
    sample = [_sample(array, 0) for array in arrays]
    traits = session.traits() if hasattr(session, "traits") else {}
    found = {"environment": {**before, **traits}, "cold_start_ms": cold}  # type: Dict[str, Any]
    infer, times = session.ready(sample), []  # type: Tuple[Infer, List[float]]
    if options.against:
        pair = measure_pair(
            infer, other or _other(options), options.warmup, options.runs, options.swap
        )
        found.update(pair=pair, warmup=pair.pop("warmup"))
        times = [value for block in pair["own"] for value in block]
    else:
        found["warmup"] = warm_up(infer, options.warmup)
        times = timed(infer, options.runs)
    if options.sustained:
        found["sustained"] = measure_sustained(infer, options.sustained)
    peak = peak_memory()
    if options.batch > 1:
        found["batch"] = measure_batch(session, sample, options.batch, options.runs)
    return {
        "runtime": session.version,
        "inputs": session.inputs(),
        "samples": len(rows),
        "load_ms": (loaded - start) * 1e3,
        "first_ms": (first - loaded) * 1e3,
        "times_ms": times,
        "timing": {**found, "load_average_after": environment()["load_average"]},
        "threads": options.threads,
        "machine": platform.machine(),
        "system": platform.system(),
        "peak_mem_bytes": peak,
    }


def _other(options: argparse.Namespace) -> Infer:
    """Load the bundle that this one is held against, on its own first golden sample."""
    inputs = os.path.join(options.against, "golden", "inputs")
    session, arrays = load(options.against, inputs, options.threads)
    sample = [_sample(array, 0) for array in arrays]
    session.run(sample)
    infer = session.ready(sample)  # type: Infer
    return infer


def _sample(array: np.ndarray, index: int) -> np.ndarray:
    return np.ascontiguousarray(array[index][None])


def main(arguments: Sequence[str]) -> int:
    """Parse, execute, write `result.json`; see the module's description for the exit codes."""
    parser = argparse.ArgumentParser(description="Execute a bundle's artifact on arrays.")
    parser.add_argument("bundle")
    parser.add_argument("inputs")
    parser.add_argument("outputs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=0)
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--against")
    parser.add_argument("--swap", action="store_true")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--sustained", type=float, default=0.0)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--session", action="append", default=[], metavar="NAME=FILE:CLASS")
    options = parser.parse_args(arguments)
    for place in options.session:
        add_session(place)
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
