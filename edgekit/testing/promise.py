"""A promise that a Target or a Runtime makes."""


class BrokenPromiseError(AssertionError):
    """A Target or a Runtime does not do what edgekit builds on."""


def promise(kept: bool, what: str, found: object = None) -> None:
    """State what must hold.

    Args:
        kept: whether it does.
        what: the promise, in words.
        found: what is there instead, if that says more.

    Raises:
        BrokenPromiseError: when it does not.
    """
    if not kept:
        raise BrokenPromiseError(what if found is None else f"{what}; found {found}")
