"""One kernel of a profile."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kernel:
    """What ran, and for how long.

    Attributes:
        kind: the runtime's own name of the kernel.
        us: microseconds of one inference.
        group: `convolution`, `linear`, `matmul` or an empty string.
        name: the tensor of the float Program that it computes; empty where none is known.
    """

    kind: str
    us: float
    group: str = ""
    name: str = ""
