"""Is this processor one that the artifact computes rightly on?"""

from pathlib import Path

from edgekit.devices.device import Device
from edgekit.errors import UnavailableError
from edgekit.exporters.golden import golden_inputs
from edgekit.manifest import Manifest


def refuse_unfit_processor(bundle: Path, manifest: Manifest, device: Device) -> None:
    """Refuse to judge a bundle on a processor that lacks what its integers need.

    Args:
        bundle: the bundle's folder.
        manifest: its manifest.
        device: where it would be judged.

    Raises:
        UnavailableError: when the processor lacks it.
    """
    processor = unfit_processor(bundle, manifest, device)
    if processor is not None:
        raise UnavailableError(
            f"cannot judge {bundle.name} on {processor}: it needs VNNI, and without it ONNX "
            "Runtime's products of 8 bits saturate in 16",
            "Judge it on a processor with VNNI, or export --target x86, which is right everywhere",
        )


def unfit_processor(bundle: Path, manifest: Manifest, device: Device) -> str | None:
    """Name the Device's processor if it lacks what a bundle's integers need; None if it does not.

    Whether a processor has it is not read off its name: the runtime there is asked to add up
    products that only saturate where it is missing.
    """
    if "vnni" not in manifest.needs:
        return None
    sample = {name: rows[:1] for name, rows in golden_inputs(bundle, manifest.signature).items()}
    about = device(bundle, sample).timing.environment
    return str(about["processor"]) if about.get("saturates") else None
