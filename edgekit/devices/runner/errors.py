"""What a runner cannot do here."""


class NotHereError(Exception):
    """The runtime is not installed, or does not do on this system what is asked of it."""
