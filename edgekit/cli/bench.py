"""`edgekit bench`: how fast is it, and is it still as fast as it was?"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgekit.cli.command import EXIT_CODES, Command
from edgekit.cli.options import HERE, BundleArgument, DeviceOption, JsonOption, ProjectOption
from edgekit.cli.work import opened, workspace

if TYPE_CHECKING:
    from edgekit.performance.settings import BenchSettings
    from edgekit.results.measurement import Measurement
    from edgekit.results.timing import Batch, Noise, Sustained

_GATE, _HOW, _FILES = "Gate", "How to measure", "Files to write"

BaselineOption = Annotated[
    Path | None,
    typer.Option("--baseline", help="Compare with this reviewed file.", rich_help_panel=_GATE),
]
UpdateOption = Annotated[
    bool,
    typer.Option("--update-baseline", help="Write the baseline instead.", rich_help_panel=_GATE),
]
RegressionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--max-regression",
        help="What may get worse: 3%, or instructions=0.5% for one figure. Repeat it.",
        rich_help_panel=_GATE,
    ),
]
AgainstOption = Annotated[
    Path | None,
    typer.Option(
        "--against", help="Time this bundle beside, instead of fp32.", rich_help_panel=_GATE
    ),
]
CountOption = Annotated[
    str | None,
    typer.Option("--count", help="Count as well: instructions.", rich_help_panel=_HOW),
]
SustainedOption = Annotated[
    float | None,
    typer.Option(
        "--sustained",
        metavar="MINUTES",
        help="Run that long without a pause and hold the ends against each other.",
        rich_help_panel=_HOW,
    ),
]
PairsOption = Annotated[
    int | None, typer.Option("--pairs", help="Pairs before the first look.", rich_help_panel=_HOW)
]
MaxPairsOption = Annotated[
    int | None,
    typer.Option("--max-pairs", help="Pairs before the last look.", rich_help_panel=_HOW),
]
RunsOption = Annotated[
    int | None, typer.Option("--runs", help="Timed runs in each pair.", rich_help_panel=_HOW)
]
WarmupOption = Annotated[
    int | None,
    typer.Option(
        "--warmup", help="Untimed runs; until stable when left out.", rich_help_panel=_HOW
    ),
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", help="Threads of the runtime.", rich_help_panel=_HOW)
]
BatchOption = Annotated[
    int | None, typer.Option("--batch", help="Time that many images at once.", rich_help_panel=_HOW)
]
JunitOption = Annotated[Path | None, typer.Option("--junit", help="JUnit XML, one case a figure.")]
SummaryOption = Annotated[Path | None, typer.Option("--summary", help="Markdown; it is appended.")]
HistoryOption = Annotated[
    Path | None, typer.Option("--history", help="JSON lines; one is added, and a picture beside.")
]


def bench(
    bundle: BundleArgument,
    project: ProjectOption = HERE,
    device: DeviceOption = "local",
    baseline: BaselineOption = None,
    max_regression: RegressionOption = None,
    against: AgainstOption = None,
    update_baseline: UpdateOption = False,
    count: CountOption = None,
    sustained: SustainedOption = None,
    pairs: PairsOption = None,
    max_pairs: MaxPairsOption = None,
    runs: RunsOption = None,
    warmup: WarmupOption = None,
    threads: ThreadsOption = None,
    batch: BatchOption = None,
    junit: JunitOption = None,
    summary: SummaryOption = None,
    history: HistoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Time a bundle's artifact in interleaved pairs of fresh processes, or gate it in CI."""
    with workspace(project, as_json) as (current, space):
        from edgekit.performance.gate import Gate
        from edgekit.performance.limits import parse_limits
        from edgekit.steps import bench as step

        given = {
            "pairs": pairs, "max_pairs": max_pairs, "runs": runs, "warmup": warmup,
            "threads": threads, "batch": batch,
        }  # fmt: skip
        settings = _settings(space.project.settings.bench, given)
        gate = Gate(
            baseline=baseline,
            update=update_baseline,
            against=against,
            limits=parse_limits(max_regression or ()),
            count=_counted(count),
            junit=junit,
            summary=summary,
            history=history,
        )
        result = step.bench(
            space, bundle, opened(space, [device])[0], gate, settings, _seconds(sustained)
        )
        current.code = EXIT_CODES[result.verdict]
        current.emit(result.to_json())
        _say(current, bundle, result)


def _settings(settings: "BenchSettings", given: dict[str, int | None]) -> "BenchSettings":
    """Put what the command line gave in the place of the project's settings."""
    found = {name: value for name, value in given.items() if value is not None}
    if "pairs" in found and "max_pairs" not in found:
        found["max_pairs"] = max(found["pairs"], settings.max_pairs)
    return settings.parse({**settings.model_dump(), **found}, "edgekit bench")


def _counted(count: str | None) -> bool:
    from edgekit.errors import InputError
    from edgekit.performance.count import COUNTS

    if count is not None and count not in COUNTS:
        raise InputError(f"--count {count}: nothing counts that", f"Use {', '.join(COUNTS)}")
    return count is not None


def _seconds(minutes: float | None) -> float:
    from edgekit.errors import InputError

    if minutes is not None and not 0 < minutes <= 24 * 60:
        raise InputError(f"--sustained {minutes:g}: no length of a run", "Give minutes above 0")
    return 60 * (minutes or 0.0)


def _say(current: Command, bundle: Path, result: "Measurement") -> None:
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


def _extras(result: "Measurement") -> Iterator[str]:
    if result.against is not None and result.gate is None:
        found, name = result.against.ratio, result.against.name
        interval = f"[{found.low:.3f}, {found.high:.3f}]"
        yield f"{found.value:.3f} {interval} times the latency of {name}"
    if result.count is not None:
        count = result.count
        yield f"{count.instructions:,.0f} instructions an inference ({count.tool})"
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


def _comparisons(result: "Measurement") -> list[str]:
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
