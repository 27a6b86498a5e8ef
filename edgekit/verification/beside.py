"""One bundle's decisions beside another's, on the same images: what a later one changed."""

from pathlib import Path

from edgekit.dataset import Dataset
from edgekit.figures import Figures
from edgekit.manifest import read_manifest
from edgekit.verification.logits import artifact_logits
from edgekit.verification.parity import Budget
from edgekit.verification.verify import verify_bundle


def changes_beside(bundle: Path, other: Path, data: Dataset) -> Figures:
    """Measure what an artifact decides beside that of another bundle, each as its manifest says.

    Args:
        bundle: its folder.
        other: that of the bundle which stands as the reference.
        data: the images, opened for any Signature.

    Returns:
        every metric of both with the paired interval of its change, which counts groups where there
        are some.
    """
    frozen = read_manifest(other).signature
    images = data.opened_for(frozen)
    reference = artifact_logits(other, images)
    return verify_bundle(bundle, reference, images, Budget(), student=frozen).decision.figures
