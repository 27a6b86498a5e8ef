"""`edgekit.verify`."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from edgekit.bundle import Bundle
from edgekit.dataset import Dataset
from edgekit.devices.device import Device
from edgekit.face.bundles import bundle_path
from edgekit.face.given import Folder, images_of, path_of
from edgekit.progress import Progress
from edgekit.results.verification import Verification
from edgekit.scored import Scored
from edgekit.verification.parity import Budget
from edgekit.verification.verify import verify_bundle

if TYPE_CHECKING:
    from edgekit.detectors.detector import Detector


def verify(
    bundle: Bundle | Folder,
    detector: "Detector | Scored",
    images: Folder | Dataset,
    budget: Budget | None = None,
    device: str | Device = "local",
    progress: Progress | None = None,
    kept: Folder | None = None,
    seen: Collection[str] | None = None,
    groups: str | None = None,
) -> Verification:
    """Judge whether an artifact decides as the float Detector does.

    Args:
        bundle: what to judge.
        detector: what it was built from, or what that said of the images.
        images: test images that nothing else has seen: a folder, a CSV sheet, or opened.
        budget: what the artifact may lose.
        device: where to run it.
        progress: called with (samples done, samples in all).
        kept: a folder for finished chunks of images, where a killed verification carries on.
        seen: slices that training saw, where that is known.
        groups: how the group of an image is told where a folder or sheet is given: `folder` or a
            regular expression on its file's name; see `edgekit/groups.py`.

    Raises:
        UnavailableError: when nothing there can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
    """
    said = detector if isinstance(detector, Scored) else _scored(detector, images)
    data = images_of(images, said.signature, groups)
    return verify_bundle(
        bundle_path(bundle),
        said.logits,
        data,
        budget or Budget(),
        device,
        progress,
        None if kept is None else path_of(kept, "kept"),
        said.signature,
        seen,
    )


def _scored(detector: "Detector", images: Folder | Dataset) -> Scored:
    """Run the float Detector; only here is torch needed."""
    from edgekit.detectors.score import score
    from edgekit.face.detector import checked_detector

    signature = checked_detector(detector).signature
    return Scored(signature, score(detector, images_of(images, signature)))
