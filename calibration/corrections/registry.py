"""All corrections by name. A new one is one file and one line in CORRECTIONS."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from torch.export import ExportedProgram

from edgekit.calibration.corrections.bias import bias_correction
from edgekit.calibration.corrections.distilled import distilled
from edgekit.calibration.corrections.draft import Draft
from edgekit.calibration.corrections.equalize import equalize
from edgekit.calibration.corrections.rounding import rounding
from edgekit.calibration.corrections.samples import Samples
from edgekit.calibration.corrections.settings import CorrectionSettings
from edgekit.calibration.corrections.smooth import smooth
from edgekit.calibration.corrections.twin import Twin, make_twin
from edgekit.calibration.program import relift, unlift
from edgekit.errors import InputError


@dataclass(frozen=True)
class Exact:
    """From float to float, the same function up to rounding; `prepare` applies it.

    Attributes:
        apply: edits the graph; returns how many places it found.
    """

    apply: Callable[[Draft], int]


@dataclass(frozen=True)
class Fitted:
    """Fits a quantized Program to its float one; `repair` applies it.

    Attributes:
        apply: edits the simulated graph; returns how many layers it changed.
    """

    apply: Callable[[Twin], int]


# In the order in which they are applied: what changes weights comes before what corrects means.
CORRECTIONS: dict[str, Exact | Fitted] = {
    "equalize": Exact(equalize),
    "smooth": Exact(smooth),
    "rounding": Fitted(rounding),
    "distilled": Fitted(distilled),
    "bias_correction": Fitted(bias_correction),
}
_DEFAULTS = CorrectionSettings()
Kind = TypeVar("Kind", Exact, Fitted)


def prepare(
    program: ExportedProgram,
    names: Iterable[str],
    samples: Samples = (),
    settings: CorrectionSettings = _DEFAULTS,
) -> ExportedProgram:
    """Apply the exact corrections among `names` to the float Program, before it is observed.

    Args:
        program: the float Program; left as it is.
        names: of CORRECTIONS, in any order; those for `repair` are passed over.
        samples: to measure activations on.
        settings: how far to go.

    Returns:
        the corrected Program, with the same tensor names; the same object when nothing fits.

    Raises:
        InputError: when a name is unknown, or samples are needed and there are none.
    """
    chosen = _chosen(names, Exact)
    if not chosen:
        return program
    graph = unlift(program)
    draft = Draft(graph, samples, settings)
    if not sum([correction.apply(draft) for correction in chosen]):
        return program
    assert program.example_inputs is not None
    return relift(graph, program.example_inputs[0])


def repair(
    program: ExportedProgram,
    quantized: ExportedProgram,
    names: Iterable[str],
    samples: Samples,
    settings: CorrectionSettings = _DEFAULTS,
) -> ExportedProgram:
    """Apply the fitted corrections among `names`.

    Args:
        program: the float Program; left as it is.
        quantized: its copy with pairs, with weights in either form; left as it is.
        names: of CORRECTIONS, in any order; those for `prepare` are passed over.
        samples: for calibration, never those that decide.
        settings: how far to go.

    Returns:
        a float Program to quantize again in the way `quantized` was made; its tensors have the same
        names, so the same Ranges serve. The same object when nothing fits.

    Raises:
        InputError: when a name is unknown, there are no samples, or the two Programs do not belong
            together.
    """
    chosen = _chosen(names, Fitted)
    if not chosen:
        return program
    if not len(samples):
        raise InputError("corrections of a quantized program need samples", "Give calibration data")
    twin = make_twin(program, quantized, samples, settings)
    if not sum([correction.apply(twin) for correction in chosen]):
        return program
    return twin.corrected(program)


def _chosen(names: Iterable[str], kind: type[Kind]) -> Sequence[Kind]:
    wanted = set(names)
    unknown = sorted(wanted - set(CORRECTIONS))
    if unknown:
        raise InputError(
            f"unknown correction {unknown[0]!r}", f"Choose of {', '.join(CORRECTIONS)}"
        )
    found = [CORRECTIONS[name] for name in CORRECTIONS if name in wanted]
    return [correction for correction in found if isinstance(correction, kind)]
