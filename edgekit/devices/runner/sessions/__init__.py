"""What executes artifacts: a session for each runtime.

A session is a class, opened as `kind(path, names, threads, plain)`: the artifact, the names of its
inputs in their order, threads, and whether with the runtime's plain kernels. It has `version` and

    inputs()          what the artifact says of its inputs: name, shape, dtype
    run(arrays)       one sample, float32 [1, ...] each; the logits
    ready(arrays)     what is timed: a function that makes one inference on inputs that lie ready

and where it can do more

    tapped()          the tensors of the last run that `taps=` named when it was opened
    resize(batch)     lets the artifact take that many samples at once
    traits()          what of this processor decides whether an artifact is right here
    profile(path, names, threads, runs)
                      a static method: `kind`, `us` of one inference and `nodes` of every kernel, in
                      the order in which they run; of `runs` inferences, or as many as it takes by
                      itself, after one that is not looked at
"""

import importlib.util
from typing import Any, Dict

from ..errors import NotHereError
from .coreml import CoreML
from .litert import LiteRT
from .onnxruntime import OnnxRuntime
from .openvino import OpenVino
from .reference import Interpreter

SESSIONS: Dict[str, Any] = {
    "onnxruntime": OnnxRuntime,
    "litert": LiteRT,
    "openvino": OpenVino,
    "coreml": CoreML,
    "reference": Interpreter,
}
_PLACES: Dict[str, str] = {}


def add_session(text: str) -> None:
    """Take in a session from a file of its own: `NAME=FILE:CLASS`."""
    name, _, place = text.partition("=")
    _PLACES[name] = place


def session_named(name: str) -> Any:
    """Return a session by a manifest's `runner`; its file is imported only now."""
    if name in _PLACES:
        return _imported(name)
    if name not in SESSIONS:
        raise ValueError(f"no session is called {name!r}")
    return SESSIONS[name]


def _imported(name: str) -> Any:
    file, _, kind = _PLACES[name].rpartition(":")
    spec = importlib.util.spec_from_file_location("session_of_" + name, file)
    if spec is None or spec.loader is None:
        raise NotHereError(f"{file} is no module")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise NotHereError(f"session {name} does not import: {error}") from error
    return getattr(module, kind)
