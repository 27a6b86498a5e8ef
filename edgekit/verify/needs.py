"""Is this processor one that the artifact computes rightly on?"""

from pathlib import Path

from edgekit.devices.device import Device
from edgekit.errors import UnavailableError
from edgekit.export.golden import golden_inputs
from edgekit.manifest import Manifest


def refuse_unfit_processor(bundle: Path, manifest: Manifest, device: Device) -> None:
    """Refuse to judge a bundle on a processor that lacks what its integers need.

    Whether a processor has it is not read off its name: the runtime there is asked to add up
    products that only saturate where it is missing.

    Args:
        bundle: the bundle's folder.
        manifest: its manifest.
        device: where it would be judged.

    Raises:
        UnavailableError: when the processor lacks it.
    """
    if "vnni" not in manifest.needs:
        return
    sample = {name: rows[:1] for name, rows in golden_inputs(bundle, manifest.signature).items()}
    about = device(bundle, sample).timing["environment"]
    if about.get("saturates"):
        raise UnavailableError(
            f"cannot judge {bundle.name} on {about['processor']}: it needs VNNI, and without it "
            "ONNX Runtime's products of 8 bits saturate in 16",
            "Judge it on a processor with VNNI, or export --target x86, which is right everywhere",
        )
