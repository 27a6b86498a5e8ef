"""edgekit's own interpreter of ONNX files; the one session that needs edgekit itself."""

from typing import Any, List, Sequence

import numpy as np

from ..errors import NotHereError


class Interpreter:
    """What the graph means, whatever the processor; it has no other kernels."""

    def __init__(
        self,
        path: str,
        names: Sequence[str],
        threads: int,
        plain: bool = False,
        taps: Sequence[str] = (),
    ) -> None:
        if plain:
            raise NotHereError("an interpreter has no other kernels")
        try:
            from edgekit.devices.reference import Reference
        except ImportError as error:
            raise NotHereError(f"edgekit's interpreter of ONNX is not here ({error})") from error
        found: Any = Reference(path, names, threads, taps)
        self.found, self.version = found, found.version
        self.inputs, self.run, self.ready = found.inputs, found.run, found.ready

    def tapped(self) -> List[np.ndarray]:
        """Return the taps' tensors of the last run."""
        return list(self.found.tapped())
