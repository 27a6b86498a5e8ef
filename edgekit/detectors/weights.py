"""Read weights without ever unpickling: safetensors, or torch files with `weights_only=True`.

There is no fallback to an unsafe load: torch before 2.10 can be made to run code even then
(CVE-2025-32434, CVE-2026-24747), which the version bound in pyproject.toml rules out.
"""

import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from edgekit.errors import InputError

Keep = Callable[[str], bool]


def read_weights(path: Path, keep: Keep = lambda name: True) -> dict[str, torch.Tensor]:
    """Read a flat dictionary of tensors.

    A torch file may nest it under `state_dict` or `model`, as training scripts do.

    Args:
        path: `.safetensors`, or a torch file that holds tensors alone.
        keep: tells by name which tensors are wanted; the others cost no memory.

    Raises:
        InputError: when the file is missing, truncated, or holds pickled objects.
    """
    if not path.is_file():
        raise InputError(f"weights {path} do not exist", "Check the path")
    if path.stat().st_size == 0:
        raise InputError(f"weights {path} are empty (0 bytes)", "Copy the file again")
    if path.suffix == ".safetensors":
        return _read_safetensors(path, keep)
    return {name: value for name, value in _read_torch(path).items() if keep(name)}


def _read_safetensors(path: Path, keep: Keep) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys() if keep(name)}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(
            f"weights {path} are not a whole safetensors file: {_line(error)}",
            "Copy or make the file again",
        ) from error


def _read_torch(path: Path) -> dict[str, torch.Tensor]:
    from pickle import UnpicklingError  # the type only: nothing is unpickled here

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's advice about the file's format
            value = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise InputError(
            f"weights {path} hold pickled objects or are damaged; edgekit loads tensors only",
            "Save the state_dict with safetensors",
        ) from error
    except Exception as error:  # damaged bytes make torch's reader raise IndexError and any other
        raise InputError(
            f"weights {path} are truncated or no file of tensors: {_line(error)}",
            "Copy the file again, or save the state_dict with safetensors",
        ) from error
    return _flat(value, path)


def _flat(value: object, path: Path) -> dict[str, torch.Tensor]:
    for key in ("state_dict", "model"):
        if isinstance(value, dict) and isinstance(value.get(key), dict):
            value = value[key]
    if not isinstance(value, dict) or not value:
        raise InputError(f"weights {path} hold no state_dict", "Save the model's state_dict()")
    wrong = [name for name, item in value.items() if not isinstance(item, torch.Tensor)]
    if wrong:
        raise InputError(
            f"weights {path}: entry {wrong[0]!r} is no tensor", "Save the model's state_dict()"
        )
    return value


def without_prefix(weights: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """Take `prefix` off every name when all have it, as data-parallel training leaves `module.`."""
    if not all(name.startswith(prefix) for name in weights):
        return weights
    return {name.removeprefix(prefix): value for name, value in weights.items()}


def fill(model: nn.Module, weights: dict[str, torch.Tensor], path: Path) -> None:
    """Load `weights` into `model`, every name and shape matching; float32 afterwards.

    Raises:
        InputError: naming the first weight that is missing, left over, of another shape, or not
            finite.
    """
    wanted = model.state_dict()
    for name in (name for name in wanted if name not in weights):
        raise InputError(f"weights {path} lack {name!r}", "Use the config these weights came with")
    for name in (name for name in weights if name not in wanted):
        raise InputError(
            f"weights {path} have {name!r}, which the architecture has not",
            "Use the config these weights came with",
        )
    for name, tensor in wanted.items():
        _check(name, weights[name], tensor, path)
    model.load_state_dict({name: tensor.to(wanted[name].dtype) for name, tensor in weights.items()})


def _check(name: str, tensor: torch.Tensor, wanted: torch.Tensor, path: Path) -> None:
    if tensor.shape != wanted.shape:
        raise InputError(
            f"weights {path}: {name!r} has shape {tuple(tensor.shape)}, "
            f"the config asks for {tuple(wanted.shape)}",
            "Use the config these weights came with",
        )
    check_finite(name, tensor, path)


def check_finite(name: str, tensor: torch.Tensor, path: Path) -> None:
    """Refuse NaN and infinity.

    Raises:
        InputError: naming the weight.
    """
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        raise InputError(
            f"weights {path}: {name!r} holds NaN or infinity", "Train or copy it again"
        )


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
