"""edgekit against the fastest peer that keeps the same budget, over all students. Arithmetic only.

Rows are those of `rows.py`. A geometric mean's interval holds for these students: it carries the
uncertainty of their timings, as independent errors of logarithms, and nothing about other students.
"""

import math
from collections.abc import Sequence
from typing import Any

BASELINE = "fp32"
# What edgekit ships for a student: the search's choice, else int8.
OWN = ("edgekit-auto", "edgekit-int8")
Row = dict[str, Any]
Interval = dict[str, float]


def summarise(students: dict[str, Any], threads: Sequence[int]) -> dict[str, Any]:
    """Return the summary by runtime and number of threads.

    Args:
        students: by name, each with `runtimes`: rows by runtime. One with `error` is left out.
        threads: which counts to look at.
    """
    measured = {name: found["runtimes"] for name, found in students.items() if "runtimes" in found}
    runtimes = sorted({runtime for found in measured.values() for runtime in found})
    return {
        runtime: {
            str(count): over_students(
                {name: found.get(runtime, []) for name, found in measured.items()}, str(count)
            )
            for count in threads
        }
        for runtime in runtimes
    }


def over_students(rows: dict[str, list[Row]], threads: str) -> dict[str, Any]:
    """Summarise one runtime at one number of threads.

    Returns:
        `students` with one comparison each, `left_out` with reasons, and over the students
        `geomean` and `worst` against the fastest peer and against fp32; None without students.
    """
    compared, left_out = {}, {}
    for name, found in rows.items():
        outcome = comparison(found, threads)
        if isinstance(outcome, str):
            left_out[name] = outcome
        else:
            compared[name] = outcome
    return {
        "students": compared,
        "left_out": left_out,
        "against_peers": _over(compared, "ratio"),
        "against_fp32": _over(compared, "against_fp32"),
        "out_of_budget": [name for name, found in compared.items() if not found["within_budget"]],
    }


def comparison(rows: Sequence[Row], threads: str) -> dict[str, Any] | str:
    """Compare edgekit with the fastest peer within the budget, for one student and runtime.

    Returns:
        the comparison, or why there is none.
    """
    timed = {row["peer"]: row for row in rows if not row["error"] and threads in row["latency"]}
    own = next((timed[name] for name in OWN if name in timed), None)
    if own is None:
        return "no artifact of edgekit's was timed"
    peer = fastest_peer(list(timed.values()), threads)
    if peer is None:
        return "no peer within the budget was timed"
    ratios = own["latency"][threads]["ratios"]
    return {
        "entry": own["peer"],
        "p50_ms": own["latency"][threads]["p50_ms"],
        "within_budget": own["within_budget"],
        "fastest_peer": peer["peer"],
        "peer_p50_ms": peer["latency"][threads]["p50_ms"],
        "ratio": ratios[peer["peer"]],
        "against_fp32": ratios.get(BASELINE),
    }


def fastest_peer(rows: Sequence[Row], threads: str) -> Row | None:
    """Return the fastest row that is a peer's and within the budget."""
    fit = [row for row in rows if not row["own"] and row["within_budget"]]
    return min(fit, key=lambda row: float(row["latency"][threads]["p50_ms"]), default=None)


def _over(compared: dict[str, dict[str, Any]], key: str) -> dict[str, Any] | None:
    found = {name: row[key] for name, row in compared.items() if row[key] is not None}
    if not found:
        return None
    worst = max(found, key=lambda name: found[name]["value"])
    return {
        "geomean": geometric_mean(list(found.values())),
        "worst": {"student": worst, **found[worst]},
    }


def geometric_mean(ratios: Sequence[Interval]) -> Interval:
    """Return the geometric mean of ratios with its 95% interval.

    Args:
        ratios: value, low and high of each; at least one.
    """
    mean = sum(math.log(ratio["value"]) for ratio in ratios) / len(ratios)
    halves = [(math.log(ratio["high"]) - math.log(ratio["low"])) / 2 for ratio in ratios]
    half = math.sqrt(sum(width**2 for width in halves)) / len(ratios)
    return {
        "value": math.exp(mean),
        "low": math.exp(mean - half),
        "high": math.exp(mean + half),
        "students": len(ratios),
    }
