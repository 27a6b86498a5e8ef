"""From a Detector to the float Program that every runtime is built from.

A Program is a `torch.export.ExportedProgram`. The float one has its re-parameterizable branches
merged and its batch norms folded into the convolutions before them, so that calibration sees the
tensors which the device computes.
"""

import copy
from typing import TYPE_CHECKING

import torch
from torch.export import ExportedProgram
from torch.fx import GraphModule
from torch.fx.graph import CodeGen

from edgekit.calibration.fold import fold_batch_norms
from edgekit.calibration.fold_constants import fold_constants
from edgekit.calibration.inline import inline_regions
from edgekit.calibration.places import failed_place
from edgekit.calibration.simplify import simplify
from edgekit.errors import InputError, one_line

if TYPE_CHECKING:
    from edgekit.detectors.detector import Detector


def float_program(detector: "Detector") -> ExportedProgram:
    """Trace a Detector into its float Program; the Detector itself is left as it is.

    Args:
        detector: static shapes, batch 1.

    Returns:
        the Program with the Signature's inputs and one output, the logits.

    Raises:
        InputError: when torch cannot trace the model.
    """
    from timm.utils.model import reparameterize_model

    model = reparameterize_model(copy.deepcopy(detector.model)).eval()
    try:
        with torch.no_grad():
            program = torch.export.export(model, detector.example())
    except Exception as error:  # torch.export raises many types, all about the model
        raise _untraced(error, model) from error
    graph = unlift(program)
    inline_regions(graph)
    fold_constants(graph)
    fold_batch_norms(graph)
    simplify(graph)
    _name_inputs(graph, [spec.name for spec in detector.signature.inputs])
    return relift(graph, detector.example())


def _untraced(error: Exception, model: torch.nn.Module) -> InputError:
    where = failed_place(error, model)
    reason = one_line(str(error) or type(error).__name__)
    return InputError(
        f"torch.export cannot trace the model{where and f', in {where}'}: {reason}",
        "Let its forward do the same for every input: no if, loop or shape that hangs on values",
    )


def _name_inputs(graph: GraphModule, names: list[str]) -> None:
    """Give the graph's arguments the Signature's names, which artifacts then have too."""
    for node, name in zip(graph.graph.find_nodes(op="placeholder"), names, strict=True):
        node.target = name
        node._rename(name)
    output = graph.graph.output_node()
    if isinstance(output.args[0], tuple):
        output.args = (output.args[0][0],)
    graph.graph.set_codegen(CodeGen())  # the traced one insists on the old names


def unlift(program: ExportedProgram) -> GraphModule:
    """Return the Program as a module whose graph may be edited; weights become attributes."""
    module = program.module(check_guards=False)
    assert isinstance(module, GraphModule)
    return module


def relift(graph: GraphModule, example: tuple[torch.Tensor, ...]) -> ExportedProgram:
    """Make a Program of an edited graph again."""
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return torch.export.export(graph, example)
