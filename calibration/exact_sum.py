"""A sum of floats that no order and no split can change.

Floating-point addition rounds, so the order of the summands shows in the last bits. Here each
summand is cut into limbs, whole multiples of 2**-41, 2**-8, 2**38 and 2**84. A limb's sum is a
multiple too and stays below 2**53 of them, so every addition is exact, and exact additions commute.
The idea is the reproducible summation of Demmel and Nguyen, "Fast Reproducible Floating-Point
Summation" (ARITH 2013), with fixed instead of data-dependent limbs.
"""

import numpy as np
from numpy.typing import NDArray

# float32 holds values up to 2**128; what is below 2**-42 rounds to nothing.
_QUANTA = tuple(2.0**power for power in (84, 38, -8, -41))


class ExactSum:
    """Sums of float32 values, one per place; up to 2**20 summands stay exact."""

    def __init__(self, places: int) -> None:
        self.limbs: NDArray[np.float64] = np.zeros((len(_QUANTA), places))

    def add(self, values: NDArray[np.float32]) -> None:
        """Add one summand per place, finite float32 [places]."""
        if not values.size:
            return
        rest = values.astype(np.float64)
        largest = float(np.abs(rest).max())
        for limb, quantum in zip(self.limbs, _QUANTA, strict=True):
            if largest < quantum / 2:  # every cut would be nothing
                continue
            cut = np.rint(rest * (1 / quantum)) * quantum
            limb += cut
            rest -= cut

    def merge(self, other: "ExactSum") -> None:
        """Add what another worker summed."""
        self.limbs += other.limbs

    def total(self) -> NDArray[np.float64]:
        """Return the sums, float64 [places]."""
        return np.asarray(self.limbs.sum(axis=0))
