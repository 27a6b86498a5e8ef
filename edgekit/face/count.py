"""`edgekit.count`."""

from edgekit.bundle import Bundle
from edgekit.devices.device import Device
from edgekit.face.bundles import bundle_path
from edgekit.face.given import Folder
from edgekit.performance.counted import gate_counts
from edgekit.performance.gate import Gate
from edgekit.performance.settings import BenchSettings
from edgekit.results.counted import Counted


def count(
    bundle: Bundle | Folder,
    settings: BenchSettings | None = None,
    device: str | Device = "emulated",
    gate: Gate | None = None,
    what: str = "instructions",
) -> Counted:
    """Count the instructions that an artifact takes on an emulated ARM core.

    Args:
        bundle: what to count.
        settings: threads of the runtime.
        device: the emulated core.
        gate: a reviewed baseline to compare with, and what to leave behind; see `Gate`.
        what: `instructions`, or `operators` for a profile by operator besides, or
            `memory` for what is read and written.

    Raises:
        UnavailableError: when nothing counts there, or can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
    """
    told = settings or BenchSettings()
    return gate_counts(bundle_path(bundle), gate or Gate(), told, device, what)
