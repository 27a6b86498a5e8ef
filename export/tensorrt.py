"""TensorRT, for NVIDIA Jetson: ONNX with explicit pairs, compiled ahead of time where possible.

The Jetson builds its engine from `model.onnx` with its own TensorRT, because engines belong to one
TensorRT version and one GPU. Where TensorRT-RTX is installed, its parser and builder compile the
graph here too, without a GPU: proof that TensorRT takes the graph, not of how it runs.
"""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from torch.export import ExportedProgram

from edgekit.errors import EdgekitError
from edgekit.evidence import Evidence
from edgekit.exporters import onnx as onnx_runtime
from edgekit.exporters.registry import Built
from edgekit.target import Buildable, Target

INSTALL = "pip install 'edgekit[tensorrt-rtx]'"


def build(program: ExportedProgram, target: Target, precision: Buildable, folder: Path) -> Built:
    """Write `model.onnx`; see `registry.Runtime.build`."""
    built = onnx_runtime.build(program, target, precision, folder)
    if find_spec("tensorrt_rtx") is None:
        return Built(built.artifact, None, (f"not compiled: TensorRT-RTX is not here ({INSTALL})",))
    capability = str(target.options["compute_capability"])
    compile_ahead(folder / built.artifact, capability)
    compiler = f"TensorRT-RTX {version('tensorrt-rtx')}"
    return Built(built.artifact, Evidence.COMPILED, (f"{compiler} compiled it for {capability}",))


def compile_ahead(path: Path, capability: str) -> int:
    """Compile an ONNX file with TensorRT-RTX for a GPU that is not here.

    Args:
        path: the ONNX file.
        capability: a name of `tensorrt_rtx.ComputeCapability`, such as SM86.

    Returns:
        the engine's size in bytes; the engine itself is not kept, because a Jetson cannot load it.

    Raises:
        EdgekitError: when TensorRT refuses the graph, with its first reason.
    """
    import tensorrt_rtx as trt

    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse_from_file(str(path)):
        raise _refused(path, parser.get_error(0).desc())
    config: Any = builder.create_builder_config()
    config.num_compute_capabilities = 1
    config.set_compute_capability(getattr(trt.ComputeCapability, capability), 0)
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise _refused(path, "its builder found no implementation")
    return int(engine.nbytes)


def _refused(path: Path, reason: str) -> EdgekitError:
    return EdgekitError(
        f"TensorRT refuses {path.name}: {reason}", "Export with --precision fp32 to compare"
    )
