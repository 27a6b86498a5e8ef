"""edgekit's own interpreter of ONNX files; the one session that needs edgekit itself."""

from typing import Any, Sequence

from ..errors import NotHereError


def open_reference(
    path: str, names: Sequence[str], threads: int, plain: bool = False, taps: Sequence[str] = ()
) -> Any:
    """Open the interpreter, where it is installed."""
    if plain:
        raise NotHereError("an interpreter has no other kernels")
    try:
        from edgekit.devices.reference import Reference
    except ImportError as error:
        raise NotHereError(f"edgekit's interpreter of ONNX is not here ({error})") from error
    return Reference(path, names, threads, taps)
