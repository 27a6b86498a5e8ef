"""LiteRT, or tflite-runtime where that older name is what is installed."""

import re
from typing import Any, Callable, Dict, List, Sequence, Tuple

import numpy as np

from ..errors import NotHereError
from .litert_names import give_names

RUNS = 30  # of a profile


class LiteRT:
    """LiteRT, or tflite-runtime where that older name is what is installed.

    `plain` is with its built-in kernels instead of XNNPACK's. Taps are indices of tensors that are
    outputs of the file already; `options` are the interpreter's own.
    """

    def __init__(
        self,
        path: str,
        names: Sequence[str],
        threads: int,
        plain: bool = False,
        taps: Sequence[str] = (),
        **options: Any,
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
        outputs = self.model.get_output_details()
        self.output = outputs[0]
        known = {str(item["index"]): item for item in outputs}
        self.taps = [known[tap] for tap in taps]

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
        return self._floats(self.output)

    def tapped(self) -> List[np.ndarray]:
        """Return the taps' tensors of the last run."""
        return [self._floats(detail) for detail in self.taps]

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

    @staticmethod
    def profile(
        path: str, names: Sequence[str], threads: int, runs: int = RUNS
    ) -> List[Dict[str, Any]]:
        """Run the profiler; see `litert_profiler.py`. Convolutions and linears have names."""
        from .litert_profiler import kernels

        found = kernels(path, runs)
        give_names(found, LiteRT(path, names, threads).model)
        return found

    def _floats(self, detail: Dict[str, Any]) -> np.ndarray:
        return to_floats(self.model.get_tensor(detail["index"]), detail)

    def _set(self, arrays: Sequence[np.ndarray]) -> None:
        for detail, array in zip(self.details, arrays):
            self.model.set_tensor(detail["index"], _to_integers(array, detail))


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
