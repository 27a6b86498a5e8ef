"""Measure a bundle's latency against another one's, in interleaved pairs of fresh processes.

A shared machine drifts by more than what is to be measured, so that two measurements one after the
other compare the machine with itself. Each pair runs both artifacts right after one another, in
turns; the ratio is taken pair by pair and its interval over the pairs.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.bench.ratio import Ratio, paired_ratio
from edgekit.bench.settings import BenchSettings
from edgekit.devices.device import Device, RunResult, device_named
from edgekit.export.golden import FOLDER
from edgekit.export.manifest import read_manifest
from edgekit.export.target import target_named

Progress = Callable[[int, int], None]


def bench_bundle(
    bundle: Path,
    against: Path | None,
    settings: BenchSettings,
    device: str | Device = "local",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Time a bundle's artifact on its first golden vector.

    Args:
        bundle: the bundle's folder; its hashes are checked first.
        against: another bundle to compare with, normally the fp32 one of the same target.
        settings: pairs, runs, threads and budgets.
        device: where to run it, open or by name.
        progress: called with (pairs done, pairs in all).

    Returns:
        the verdict as the JSON of `edgekit bench`; times in milliseconds.

    Raises:
        UnavailableError: when nothing here can execute the artifact.
        EdgekitError: when the runtime refuses it, crashes or hangs.
        InputError: when a bundle is damaged.
    """
    manifest = read_manifest(bundle)
    if against is not None:
        read_manifest(against)
    run = device_named(device)
    results, others = [], []
    for pair in range(settings.pairs):
        first, second = _pair(run, bundle, against, settings, swapped=pair % 2 == 1)
        results.append(first)
        if second is not None:
            others.append(second)
        if progress:
            progress(pair + 1, settings.pairs)
    evidence = run.evidence(target_named(manifest.target))
    ratio = _ratio(results, others)
    times = np.concatenate([result.times_ms for result in results])
    verdict, reasons = judge(times, ratio, settings, evidence)
    return {
        "verdict": verdict,
        "reasons": reasons,
        "evidence": evidence,
        "target": manifest.target,
        "precision": manifest.precision,
        "bundle": bundle.name,
        "device": run.name,
        **_figures(times, results),
        "against": _against(against, ratio),
    }


def _pair(
    run: Device, bundle: Path, against: Path | None, settings: BenchSettings, swapped: bool
) -> tuple[RunResult, RunResult | None]:
    """Run both artifacts once, in turns who goes first."""

    def once(path: Path) -> RunResult:
        return run(
            path,
            _sample(path),
            threads=settings.threads,
            warmup=settings.warmup,
            runs=settings.runs,
        )

    if against is None:
        return once(bundle), None
    if swapped:
        second = once(against)
        return once(bundle), second
    return once(bundle), once(against)


def _sample(bundle: Path) -> dict[str, NDArray[np.float32]]:
    folder = bundle / FOLDER / "inputs"
    return {path.stem: np.load(path, allow_pickle=False)[:1] for path in folder.glob("*.npy")}


def _ratio(results: list[RunResult], others: list[RunResult]) -> Ratio | None:
    if not others:
        return None
    return paired_ratio(
        [float(np.median(result.times_ms)) for result in results],
        [float(np.median(result.times_ms)) for result in others],
    )


def _figures(times: NDArray[np.float64], results: list[RunResult]) -> dict[str, Any]:
    p50, p90, p99 = (float(value) for value in np.percentile(times, [50, 90, 99]))
    return {
        "p50_ms": p50,
        "p90_ms": p90,
        "p99_ms": p99,
        "runs": len(times),
        "pairs": len(results),
        "threads": results[0].threads,
        "load_ms": float(np.median([result.load_ms for result in results])),
        "first_ms": float(np.median([result.first_ms for result in results])),
        "peak_mem_bytes": max(result.peak_mem_bytes for result in results),
        "runtime": results[0].runtime,
    }


def _against(against: Path | None, ratio: Ratio | None) -> dict[str, Any] | None:
    if against is None or ratio is None:
        return None
    return {"name": against.name, "ratio": ratio.value, "ci95": [ratio.low, ratio.high]}


def judge(
    times: NDArray[np.float64], ratio: Ratio | None, settings: BenchSettings, evidence: str
) -> tuple[str, list[str]]:
    """Hold the figures against the budgets.

    Returns:
        the verdict, and a line for each budget that is not met for sure.
    """
    if evidence == "reference":
        return "inconclusive", [
            "timed with an interpreter of the artifact on this processor, which says nothing "
            "about the target's speed: run it on the target"
        ]
    verdicts, reasons = ["pass"], []
    if ratio is not None:
        verdict, reason = ratio.verdict(settings.max_ratio)
        verdicts.append(verdict)
        reasons += [reason] if reason else []
    slow = settings.max_p50_ms is not None and float(np.median(times)) > settings.max_p50_ms
    if slow:
        verdicts.append("fail")
        reasons.append(f"p50 {np.median(times):.3f} ms is over its budget {settings.max_p50_ms:g}")
    worst = next(name for name in ("fail", "inconclusive", "pass") if name in verdicts)
    return worst, reasons
