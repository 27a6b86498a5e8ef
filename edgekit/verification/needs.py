"""Is this processor one on which the artifact computes what was built?"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from edgekit.devices.device import Device
from edgekit.errors import UnavailableError
from edgekit.exporters.golden import golden_inputs
from edgekit.manifest import Manifest


class Need(NamedTuple):
    """What an artifact needs of a processor.

    Attributes:
        lacks: tells by the runner's record of its machine whether the processor is without it.
        why: what it is, and what happens without it.
        fix: where to go.
    """

    lacks: Callable[[Mapping[str, object]], bool]
    why: str
    fix: str


def _without_fp16(about: Mapping[str, object]) -> bool:
    sets = about.get("instruction_sets")
    return not isinstance(sets, list | tuple) or "ASIMDHP" not in sets


NEEDS = {
    # Not read off the processor's name: the runtime there was asked to add up products that only
    # saturate where VNNI is missing.
    "vnni": Need(
        lambda about: bool(about.get("saturates")),
        "VNNI, and without it ONNX Runtime's products of 8 bits saturate in 16",
        "Take a processor with VNNI, or --target x86, which is right everywhere",
    ),
    "fp16": Need(
        _without_fp16,
        "fp16 arithmetic, and without it computes in fp32 what phones compute in fp16",
        "Take --device emulated or a phone's or board's own, or --target android",
    ),
}


def refuse_unfit_processor(bundle: Path, manifest: Manifest, device: Device, asked: str) -> None:
    """Refuse to do something with a bundle on a processor that lacks what it needs.

    Args:
        bundle: the bundle's folder.
        manifest: its manifest.
        device: where it would run.
        asked: what shall be done, as in "cannot ... on".

    Raises:
        UnavailableError: when the processor lacks it.
    """
    found = lacking(bundle, manifest, device)
    if found is not None:
        processor, need = found
        raise UnavailableError(f"cannot {asked} on {processor}: it needs {need.why}", need.fix)


def lacking(bundle: Path, manifest: Manifest, device: Device) -> tuple[str, Need] | None:
    """Return a Device's processor and what of the bundle's needs it lacks; None if nothing."""
    if not manifest.needs:
        return None
    sample = {name: rows[:1] for name, rows in golden_inputs(bundle, manifest.signature).items()}
    about = device(bundle, sample).timing.environment
    needs = [NEEDS[name] for name in manifest.needs if NEEDS[name].lacks(about)]
    return (str(about["processor"]), needs[0]) if needs else None
