"""`edgekit.bench`."""

from edgekit.bundle import Bundle
from edgekit.devices.device import Device
from edgekit.face.bundles import bundle_path
from edgekit.face.given import Folder
from edgekit.performance.gate import Gate, gate_bundle
from edgekit.performance.settings import BenchSettings
from edgekit.progress import Progress
from edgekit.results.measurement import Measurement


def bench(
    bundle: Bundle | Folder,
    against: Bundle | Folder | None = None,
    settings: BenchSettings | None = None,
    device: str | Device = "local",
    gate: Gate | None = None,
    sustained_s: float = 0.0,
    progress: Progress | None = None,
) -> Measurement:
    """Time an artifact, in interleaved pairs with another one's where there is one.

    Args:
        bundle: what to time.
        against: what to hold it against, normally the fp32 bundle of the same target.
        settings: pairs, runs, threads and budgets.
        device: where to run it.
        gate: a reviewed baseline to compare with, and what to leave behind; see `Gate`.
        sustained_s: run it that long without a pause as well, seconds.
        progress: called with (pairs done, pairs at most).

    Raises:
        UnavailableError: when nothing there can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
    """
    own, other = bundle_path(bundle), None if against is None else bundle_path(against)
    told = settings or BenchSettings()
    return gate_bundle(own, gate or Gate(), told, device, progress, sustained_s, other)
