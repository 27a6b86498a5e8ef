"""`edgekit bench`: how fast is it, and is it still as fast as it was?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgekit.cli.command import EXIT_CODES
from edgekit.cli.measurement import say, say_counted
from edgekit.cli.options import HERE, BundleArgument, DeviceOption, JsonOption, ProjectOption
from edgekit.cli.work import opened, workspace

if TYPE_CHECKING:
    from edgekit.devices.device import Device
    from edgekit.performance.settings import BenchSettings

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
    typer.Option(
        "--count",
        help="Count instructions; on an emulated core also operators or memory.",
        rich_help_panel=_HOW,
    ),
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
    """Time a bundle's artifact in interleaved pairs of fresh processes, or gate it in CI.

    An emulated ARM core is never timed: with --count it counts instructions.
    """
    with workspace(project, as_json) as (current, space):
        from edgekit.performance.gate import Gate
        from edgekit.performance.limits import parse_limits
        from edgekit.steps import bench as step

        given = {
            "pairs": pairs, "max_pairs": max_pairs, "runs": runs, "warmup": warmup,
            "threads": threads, "batch": batch,
        }  # fmt: skip
        settings = _settings(space.project.settings.bench, given)
        run, seconds = opened(space, [device])[0], _seconds(sustained)
        what = _counted(count, run)
        gate = Gate(
            baseline=baseline,
            update=update_baseline,
            against=against,
            limits=parse_limits(max_regression or ()),
            count=what is not None,
            junit=junit,
            summary=summary,
            history=history,
        )
        if what and run.settings.transport == "emulated" and not seconds:
            counted = step.count(space, bundle, run, gate, settings, what)
            current.code = EXIT_CODES[counted.verdict]
            current.emit(counted.to_json())
            say_counted(current, bundle, counted)
            return
        result = step.bench(space, bundle, run, gate, settings, seconds)
        current.code = EXIT_CODES[result.verdict]
        current.emit(result.to_json())
        say(current, bundle, result)


def _settings(settings: "BenchSettings", given: dict[str, int | None]) -> "BenchSettings":
    """Put what the command line gave in the place of the project's settings."""
    found = {name: value for name, value in given.items() if value is not None}
    if "pairs" in found and "max_pairs" not in found:
        found["max_pairs"] = max(found["pairs"], settings.max_pairs)
    return settings.parse({**settings.model_dump(), **found}, "edgekit bench")


def _counted(count: str | None, device: "Device") -> str | None:
    from edgekit.errors import InputError
    from edgekit.performance.count import COUNTS, EVERYWHERE

    if count is not None and count not in COUNTS:
        raise InputError(f"--count {count}: nothing counts that", f"Use {', '.join(COUNTS)}")
    if count not in (None, EVERYWHERE) and device.settings.transport != "emulated":
        raise InputError(
            f"--count {count}: device {device.name!r} is no emulated ARM core",
            f"Use --device emulated, or --count {EVERYWHERE}",
        )
    return count


def _seconds(minutes: float | None) -> float:
    from edgekit.errors import InputError

    if minutes is not None and not 0 < minutes <= 24 * 60:
        raise InputError(f"--sustained {minutes:g}: no length of a run", "Give minutes above 0")
    return 60 * (minutes or 0.0)
