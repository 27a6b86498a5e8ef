"""What a baseline keeps of a measurement."""

from pathlib import Path

from edgekit.manifest import read_manifest
from edgekit.results.gate import Reading
from edgekit.results.measurement import Measurement


def readings_of(bundle: Path, result: Measurement) -> dict[str, Reading]:
    """Return what a baseline keeps of time, size and memory."""
    samples, memory = result.samples, result.peak_mem_bytes
    found = {
        "latency": Reading(value=result.p50_ms, samples=samples.latency_ms),
        "size": Reading(value=read_manifest(bundle).size_bytes),
    }
    if memory and len(samples.peak_mem_bytes) > 1:  # known, and known how much it varies
        found["memory"] = Reading(value=memory, samples=samples.peak_mem_bytes)
    return found


def counted_of(result: Measurement) -> dict[str, Reading]:
    """Return what a baseline keeps of what was counted."""
    count = result.count
    if count is None:
        return {}
    found = {"instructions": Reading(value=count.instructions, about=count.about)}
    if count.cache_misses is not None:
        found["cache_misses"] = Reading(value=count.cache_misses, about=count.about)
    return found
