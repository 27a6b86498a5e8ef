"""Core ML, which executes on macOS only."""

import platform
from typing import Any, Callable, Dict, List, Sequence

import numpy as np

from ..errors import NotHereError


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
