"""LiteRT's profiler, which its C interface has and its Python one has not.

Source: `litert/c/litert_profiler.h`, `litert_profiler_event.h`, `litert_compiled_model.h` and
`litert_opaque_options.h` of LiteRT 2. A profile must be asked for when the model is compiled, by a
TOML text under the name `runtime_options_string`.
"""

import ctypes as c
import math
import os
from typing import Any, Dict, List, Tuple

from ..errors import NotHereError

_CPU, _FLOAT32, _INT8 = 1, 1, 9
_OWN, _DELEGATED = 2, 8  # types of event: an operator of the runtime's own, one inside a delegate
_ALIGNMENT = 64  # of memory that a tensor buffer takes over


def kernels(path: str, runs: int) -> List[Dict[str, Any]]:
    """Run the profiler on zeros; each kernel's time is the fastest of so many runs."""
    found = _Model(_library(), path).profile(runs)
    fastest = [min(times) for times in zip(*([us for _, us in run] for run in found))]
    return [{"kind": kind, "us": us, "nodes": []} for (kind, _), us in zip(found[0], fastest)]


class _Layout(c.Structure):
    """`LiteRtLayout`: the rank is in the lowest 7 bits."""

    _fields_ = (
        ("rank", c.c_uint32),
        ("dimensions", c.c_int32 * 8),
        ("strides", c.c_uint32 * 8),
    )


class _TensorType(c.Structure):
    """`LiteRtRankedTensorType`."""

    _fields_ = (("element", c.c_int32), ("layout", _Layout))


class _Event(c.Structure):
    """`ProfiledEventData`; one in a delegate is told apart by its type."""

    _fields_ = (
        ("tag", c.c_char_p),
        ("type", c.c_uint32),
        ("start_us", c.c_uint64),
        ("elapsed_us", c.c_uint64),
        ("memory", c.c_uint64 * 6),
        ("metadata", c.c_uint64 * 2),
        ("source", c.c_uint32),
    )


def _library() -> c.CDLL:
    try:
        import ai_edge_litert

        return c.CDLL(os.path.join(os.path.dirname(ai_edge_litert.__file__), "libLiteRt.so"))
    except (ImportError, OSError) as error:
        raise NotHereError(f"LiteRT's profiler is not here ({error})") from error


class _Model:
    """A compiled model with one signature. Nothing is freed: the process ends behind it."""

    def __init__(self, library: c.CDLL, path: str) -> None:
        self._library = library
        self._kept: List[object] = []  # what the library points to
        self._environment = self._new("CreateEnvironment", 0, None)
        file = self._new("CreateModelFromFile", self._environment, os.fsencode(path))
        self._graph = self._new("GetModelSubgraph", file, c.c_size_t(0))
        self._model = self._new("CreateCompiledModel", self._environment, file, self._options())

    def profile(self, runs: int) -> List[List[Tuple[str, float]]]:
        """Run on zeros; return kind and microseconds of every kernel, run by run."""
        inputs, outputs = self._buffers("Input"), self._buffers("Output")
        profiler = self._new("CompiledModelGetProfiler", self._model)
        counts = [c.c_size_t(len(side)) for side in (inputs, outputs)]
        given = (c.c_size_t(0), counts[0], inputs, counts[1], outputs)
        self._call("RunCompiledModel", self._model, *given)
        found = []
        for _ in range(runs):
            self._call("StartProfiler", profiler)
            self._call("RunCompiledModel", self._model, *given)
            self._call("StopProfiler", profiler)
            found.append(self._events(profiler))
            self._call("ResetProfiler", profiler)
        return found

    def _events(self, profiler: c.c_void_p) -> List[Tuple[str, float]]:
        count = c.c_int()
        self._call("GetNumProfilerEvents", profiler, c.byref(count))
        events = (_Event * count.value)()
        self._call("GetProfilerEvents", profiler, count, events)
        ran = [event for event in events if event.type in (_OWN, _DELEGATED)]
        return [(event.tag.decode(), float(event.elapsed_us)) for event in ran]

    def _call(self, name: str, *arguments: object) -> None:
        status = getattr(self._library, f"LiteRt{name}")(*arguments)
        if status:
            raise RuntimeError(f"LiteRt{name} gives status {status}")

    def _new(self, name: str, *arguments: object) -> c.c_void_p:
        made = c.c_void_p()
        self._call(name, *arguments, c.byref(made))
        return made

    def _options(self) -> c.c_void_p:
        options = self._new("CreateOptions")
        self._call("SetOptionsHardwareAccelerators", options, _CPU)
        text = c.create_string_buffer(b"enable_profiling = true\n")
        keep = c.CFUNCTYPE(None, c.c_void_p)(lambda address: None)
        self._kept += [text, keep]
        profiling = self._new("CreateOpaqueOptions", b"runtime_options_string", text, keep)
        self._call("AddOpaqueOptions", options, profiling)
        return options

    def _buffers(self, side: str) -> "c.Array[c.c_void_p]":
        """Allocate zeros for all inputs or all outputs."""
        count = c.c_size_t()
        self._call(f"GetNumSubgraph{side}s", self._graph, c.byref(count))
        layouts = (_Layout * count.value)()
        first = c.c_size_t(0)
        if side == "Output":
            self._call("GetCompiledModelOutputTensorLayouts", self._model, first, count, layouts, 0)
        for index in range(count.value if side == "Input" else 0):
            place = c.byref(layouts, index * c.sizeof(_Layout))
            self._call(
                "GetCompiledModelInputTensorLayout", self._model, first, c.c_size_t(index), place
            )
        return (c.c_void_p * count.value)(
            *(self._buffer(side, index, layout).value for index, layout in enumerate(layouts))
        )

    def _buffer(self, side: str, index: int, layout: _Layout) -> c.c_void_p:
        name = f"GetCompiledModel{side}BufferRequirements"
        needed = self._new(name, self._model, c.c_size_t(0), c.c_size_t(index))
        size = c.c_size_t()
        self._call("GetTensorBufferRequirementsBufferSize", needed, c.byref(size))
        values = math.prod(layout.dimensions[: layout.rank & 127])
        element = _FLOAT32 if size.value >= 4 * values else _INT8
        kind = _TensorType(element, layout)
        memory = (c.c_byte * (size.value + 2 * _ALIGNMENT))()
        address = -(-c.addressof(memory) // _ALIGNMENT) * _ALIGNMENT
        keep = c.CFUNCTYPE(None, c.c_void_p)(lambda address: None)
        self._kept += [kind, memory, keep]
        made = (c.byref(kind), c.c_void_p(address), size, keep)
        return self._new("CreateTensorBufferFromHostMemory", *made)
