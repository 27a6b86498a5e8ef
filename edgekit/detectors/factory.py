"""A model of the user's own that needs no distillation: a Python function makes it.

The file or module that `factory` names is code, and it runs with all the rights of whoever runs
edgekit, as any script does that they start: name only code that you have read or trust. The
checkpoint is another matter, it is read without unpickling anything.

Such a Detector is not saved as a folder: a `detector.json` that names code to run would make every
folder somebody sends as dangerous as a program. The project file that names the factory is what
opens it again.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import Field
from torch import nn

from edgekit.detectors.detector import Detector
from edgekit.detectors.fill import fill
from edgekit.detectors.tables import reason, unknown
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError
from edgekit.settings import ForeignJson, Json, Settings
from edgekit.signature import Signature


class FactorySettings(Settings):
    """The table of kind `factory`.

    Attributes:
        factory: `path/file.py:function` or `package.module:function`.
        arguments: keyword arguments of the function.
        checkpoint: weights file; None when the function loads them itself.
        weights_key: which weights to take where the checkpoint holds several.
        signature: inputs, classes, positive class and threshold.
    """

    factory: str
    arguments: ForeignJson = Field(default_factory=dict)
    checkpoint: str | None = None
    weights_key: str | None = None
    signature: Signature


def load(settings: Json, base: Path) -> Detector:
    """Call the function, fill the model that it returns.

    Args:
        settings: see `FactorySettings`.
        base: folder that relative paths and the project's own packages start from.

    Raises:
        InputError: when file or function is missing, the code fails, it returns no module, or the
            weights do not fit.
    """
    wanted = FactorySettings.parse(settings, "settings of kind factory")
    with _importable(base, wanted.factory):
        model = _make(_function(wanted.factory, base), wanted)
    notes: list[str] = []
    if wanted.checkpoint is not None:
        path = base / wanted.checkpoint
        notes = fill(model, read_weights(path, key=wanted.weights_key), path)
    return Detector(model.float().eval(), wanted.signature, {}, tuple(notes))


@contextmanager
def _importable(base: Path, factory: str) -> Iterator[None]:
    """Let the code import its neighbours, as it can when Python runs it as a script."""
    before = list(sys.path)
    sys.path[:0] = [str((base / factory.rpartition(":")[0]).parent), str(base)]
    try:
        yield
    finally:
        sys.path[:] = before


def _function(factory: str, base: Path) -> Callable[..., Any]:
    place, _, name = factory.rpartition(":")
    if not place or not name:
        raise InputError(
            f"factory {factory!r} names no function",
            "Write 'path/file.py:function' or 'package.module:function'",
        )
    try:
        module = _imported(base / place) if place.endswith(".py") else import_module(place)
    except (Exception, SystemExit) as error:  # the user's code may raise anything
        raise InputError(
            f"factory {place} cannot be imported: {type(error).__name__}: {reason(error)}",
            "Check the path or correct the code",
        ) from error
    function = getattr(module, name, None)
    if not callable(function):
        raise unknown(f"{place} has no such function: factory", name, vars(module))
    return function


def _imported(path: Path) -> ModuleType:
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist")
    name = f"edgekit_factory_{path.stem}"
    spec = spec_from_file_location(name, path)
    assert spec is not None  # the suffix is .py
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while it is being run
    spec.loader.exec_module(module)
    return module


def _make(function: Callable[..., Any], wanted: FactorySettings) -> nn.Module:
    try:
        model = function(**wanted.arguments)
    except (Exception, SystemExit) as error:  # the user's code may raise anything
        raise InputError(
            f"factory {wanted.factory} fails: {type(error).__name__}: {reason(error)}",
            "Correct the arguments or the code",
        ) from error
    if not isinstance(model, nn.Module):
        raise InputError(
            f"factory {wanted.factory} returns {type(model).__name__}, not a torch.nn.Module",
            "Return the model",
        )
    return model
