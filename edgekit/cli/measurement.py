"""A measurement as `edgekit bench` writes it for people."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.cli.command import Command

if TYPE_CHECKING:
    from edgekit.results.counted import Counted
    from edgekit.results.measurement import Measurement
    from edgekit.results.timing import Batch, Count, Memory, Noise, Sustained


SHOWN = 15  # operators


def say(current: Command, bundle: Path, result: "Measurement") -> None:
    """Write the latencies, then a line for each thing that was looked at besides."""
    current.say(
        f"{bundle.name}: {result.verdict} (evidence {result.evidence})\n"
        f"  p50 {result.p50_ms:.3f} ms, p90 {result.p90_ms:.3f} ms, "
        f"p99 {result.p99_ms:.3f} ms over {result.runs} runs, "
        f"{result.throughput_per_s:.0f} a second, "
        f"peak memory {result.peak_mem_bytes / 2**20:.0f} MiB\n"
        f"  cold start {result.cold_start_ms:.0f} ms, load {result.load_ms:.1f} ms, "
        f"first inference {result.first_ms:.2f} ms"
    )
    for line in (*_extras(result), *_comparisons(result), *result.said, *_noise(result.noise)):
        current.say(f"  {line}")


def say_counted(current: Command, bundle: Path, result: "Counted") -> None:
    """Write what was counted on an emulated core, class by class, the most frequent first."""
    count = result.count
    current.say(f"{bundle.name}: {result.verdict} (evidence {result.evidence}, {count.core})")
    for line in (_counted(count), *_modelled(count), *_comparisons(result), *result.said):
        current.say(f"  {line}")
    for line in _operators(count):
        current.say(f"  {line}")


def _operators(count: "Count") -> Iterator[str]:
    """Write the operators that cost the most, then what is left."""
    if not count.operators or count.outside is None:
        return
    ordered = sorted(count.operators, key=lambda each: -each.share)
    yield f"{'':4} {'share':>6} {'instructions':>14} {'cycles':>14}"
    for each in ordered[:SHOWN]:
        cycles = "" if each.cycles is None else f"{each.cycles:,.0f}"
        names = " ".join((each.kind, *each.names))
        yield f"{each.place:4} {each.share:6.1%} {each.instructions:14,} {cycles:>14}  {names}"
    rest = ordered[SHOWN:]
    if rest:
        more, share = sum(each.instructions for each in rest), sum(each.share for each in rest)
        yield f"{'':4} {share:6.1%} {more:14,} {'':14}  {len(rest)} other operators"
    share = count.outside / count.instructions
    yield f"{'':4} {share:6.1%} {count.outside:14,.0f} {'':14}  outside of operators"


def _counted(count: "Count") -> str:
    return f"{count.instructions:,.0f} instructions an inference ({count.tool})"


def _modelled(count: "Count") -> Iterator[str]:
    classes = sorted((count.classes or {}).items(), key=lambda item: -item[1])
    shares = [f"{name} {number / count.instructions:.0%}" for name, number in classes]
    yield ", ".join(share for share in shares if not share.endswith(" 0%"))
    if count.cycles is not None:
        yield f"{count.cycles:,.0f} cycles modelled from Arm's figures; nothing was timed"
        yield f"how far they hold: {count.limits}"
    if count.memory is not None:
        yield _memory(count.memory)


def _memory(memory: "Memory") -> str:
    return (
        f"{memory.bytes_read / 2**20:.1f} MiB read, "
        f"{memory.bytes_written / 2**20:.1f} MiB written, "
        f"{memory.l1_misses:,.0f} lines not in L1, {memory.l2_misses:,.0f} not in L2"
    )


def _extras(result: "Measurement") -> Iterator[str]:
    if result.against is not None and result.gate is None:
        found, name = result.against.ratio, result.against.name
        interval = f"[{found.low:.3f}, {found.high:.3f}]"
        yield f"{found.value:.3f} {interval} times the latency of {name}"
    if result.count is not None:
        yield _counted(result.count)
    if result.batch is not None:
        yield _batch(result.batch)
    if result.sustained is not None:
        yield _sustained(result.sustained)


def _batch(batch: "Batch") -> str:
    if batch.p50_ms is None:
        return str(batch.reason)
    return (
        f"{batch.size} images at once: p50 {batch.p50_ms:.3f} ms, "
        f"{batch.throughput_per_s:.0f} a second"
    )


def _sustained(found: "Sustained") -> str:
    low, high = found.interval
    throttled = ": it throttles" if found.throttled else ""
    return (
        f"after {found.minutes:.2g} minutes {found.ratio:.3f} [{low:.3f}, {high:.3f}] times "
        f"the latency of the start{throttled}"
    )


def _comparisons(result: "Measurement | Counted") -> list[str]:
    if result.updated is not None:
        return [f"baseline written: {result.updated}"]
    if result.gate is None:
        return []
    from edgekit.performance.rows import rows

    return [
        f"{row.name:<12} {row.verdict:<12} {row.baseline} -> {row.value}, {row.change}"
        for row in rows(result)
    ]


def _noise(noise: "Noise") -> list[str]:
    if noise.throttled:
        return [f"the machine grew {noise.drift:.2f} times slower meanwhile"]
    if noise.noisy:
        return [f"the machine was noisy: its own level spread by {noise.spread:.0%}"]
    return []
