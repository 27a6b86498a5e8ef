"""When a cause explains a difference."""

# A change that explains a difference leaves a quarter of its power, and little of it.
GAIN_DB, CLOSE_DB = 6.0, 10.0


def explains(with_it: float, without: float) -> bool:
    """Tell whether a change brings an artifact to the student.

    Args:
        with_it: SQNR of the artifact against the student with the change, decibels.
        without: the same without it.
    """
    return with_it >= max(without + GAIN_DB, CLOSE_DB)
