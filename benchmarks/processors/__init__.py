"""Older x86 processors than the one at hand, at full speed: see `python -m benchmarks as`."""
