"""Read weights without ever unpickling: safetensors, or torch files with `weights_only=True`.

There is no fallback to an unsafe load: torch before 2.10 can be made to run code even then
(CVE-2025-32434, CVE-2026-24747), which the version bound in pyproject.toml rules out.
"""

from pathlib import Path

import torch
from torch import nn

from edgekit.errors import InputError


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read a flat dictionary of tensors.

    A torch file may nest it under `state_dict` or `model`, as training scripts do.

    Args:
        path: `.safetensors`, or a torch file that holds tensors alone.

    Raises:
        InputError: when the file is missing, truncated, or holds pickled objects.
    """
    if not path.is_file():
        raise InputError(f"weights {path} do not exist", "Check the path")
    if path.stat().st_size == 0:
        raise InputError(f"weights {path} are empty (0 bytes)", "Copy the file again")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    return _read_torch(path)


def _read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(
            f"weights {path} are not a whole safetensors file: {_line(error)}",
            "Copy or make the file again",
        ) from error


def _read_torch(path: Path) -> dict[str, torch.Tensor]:
    from pickle import UnpicklingError  # the type only: nothing is unpickled here

    try:
        value = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise InputError(
            f"weights {path} hold pickled objects or are damaged; edgekit loads tensors only",
            "Save the state_dict with safetensors",
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputError(
            f"weights {path} are truncated or no torch file: {_line(error)}",
            "Copy or make the file again",
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


def fill(model: nn.Module, weights: dict[str, torch.Tensor], path: Path) -> None:
    """Load `weights` into `model`, every name and shape matching; float32 afterwards.

    Raises:
        InputError: naming the first weight that is missing, left over, of another shape, or not
            finite.
    """
    wanted = model.state_dict()
    for name in wanted.keys() - weights.keys():
        raise InputError(f"weights {path} lack {name!r}", "Use the config these weights came with")
    for name in weights.keys() - wanted.keys():
        raise InputError(
            f"weights {path} have {name!r}, which the architecture has not",
            "Use the config these weights came with",
        )
    for name, tensor in weights.items():
        _check(name, tensor, wanted[name], path)
    model.load_state_dict({name: tensor.to(wanted[name].dtype) for name, tensor in weights.items()})


def _check(name: str, tensor: torch.Tensor, wanted: torch.Tensor, path: Path) -> None:
    if tensor.shape != wanted.shape:
        raise InputError(
            f"weights {path}: {name!r} has shape {tuple(tensor.shape)}, "
            f"the config asks for {tuple(wanted.shape)}",
            "Use the config these weights came with",
        )
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        raise InputError(
            f"weights {path}: {name!r} holds NaN or infinity", "Train or copy it again"
        )


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
