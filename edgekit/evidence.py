"""How a figure was earned. What a run proves is decided in `edgekit/devices/evidence.py`."""

from enum import StrEnum


class Evidence(StrEnum):
    """What a figure rests on, the weakest first; nothing weaker is shown as stronger."""

    COMPILED = "compiled"
    REFERENCE = "reference"
    HOST = "host"
    EMULATED = "emulated"
    DEVICE = "device"

    def reaches(self, other: "Evidence") -> bool:
        """Tell whether this is as strong as another, or stronger."""
        return stronger(self, other) is self

    @property
    def timed(self) -> bool:
        """Whether a time with this evidence was taken on the target's own runtime.

        An interpreter's time is not, and an emulator's says nothing about the core it stands for.
        """
        return self in (Evidence.HOST, Evidence.DEVICE)


def stronger(first: Evidence, second: Evidence) -> Evidence:
    """Return the stronger of two."""
    return max(first, second, key=list(Evidence).index)


def weaker(first: Evidence, second: Evidence) -> Evidence:
    """Return the weaker of two."""
    return min(first, second, key=list(Evidence).index)
