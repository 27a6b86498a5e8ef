"""Counts on ARM cores as Markdown: edgekit beside the best peer, and every artifact."""

from collections.abc import Iterator
from statistics import geometric_mean
from typing import Any

from benchmarks.compare.count import CORES
from benchmarks.compare.summary import BASELINE, OWN
from benchmarks.compare.table import drop_of, failures, flips_of, grid
from benchmarks.peers.peer import TITLES
from edgekit.devices.cores import core_named

OURS = "litert"  # what edgekit ships to such a core
_FIGURES = ("cycles", "instructions")
Row = dict[str, Any]

_SHORT = (
    "student", "core", "edgekit, M cycles", "best peer in budget", "peer, M cycles",
    "edgekit / peer", "edgekit / its fp32", "flips", "in budget",
)  # fmt: skip
_FULL = (
    "artifact", "runtime", *(
        f"{core_named(core).title}, M {unit}"
        for core in CORES for unit in _FIGURES
    ), "size, MB", "AUC change", "flips", "in budget",
)  # fmt: skip


def tables(results: dict[str, Any]) -> str:
    """Write the short table, then one for each student.

    Args:
        results: `students` by name, each with `rows` or an `error`.
    """
    counted = {name: found for name, found in results["students"].items() if "rows" in found}
    parts = [grid(_SHORT, list(_short(counted)), words=(0, 1, 3))]
    for name, found in counted.items():
        parts.append(f"#### {name}\n")
        parts.append(grid(_FULL, [_full(row) for row in found["rows"]], words=(0, 1)))
        parts += failures(found["rows"])
    return "\n".join(parts)


def compared(rows: list[Row], core: str) -> Row | str:
    """Hold edgekit's artifact against the peer's in budget that takes the fewest cycles.

    Args:
        rows: of one student, of every runtime.
        core: as qemu names it.

    Returns:
        `own`, `peer`, and their `ratio` and that over fp32 (`against_fp32`), of modelled cycles; or
        why there is nothing to compare.
    """
    whole = [row for row in rows if row["error"] is None and core in row["counts"]]
    ours = {row["peer"]: row for row in whole if row["runtime"] == OURS}
    own = next((ours[name] for name in OWN if name in ours), None)
    fit = [row for row in whole if not row["own"] and row["within_budget"]]
    if own is None or not fit or BASELINE not in ours:
        return "no artifact of edgekit's, or no peer's in budget, was counted"
    peer = min(fit, key=lambda row: _cycles(row, core))
    return {
        "own": own,
        "peer": peer,
        "ratio": _cycles(own, core) / _cycles(peer, core),
        "against_fp32": _cycles(own, core) / _cycles(ours[BASELINE], core),
    }


def _cycles(row: Row, core: str) -> float:
    return float(row["counts"][core]["cycles"])


def _short(students: dict[str, Any]) -> Iterator[list[str]]:
    for core in CORES:
        found = {name: compared(about["rows"], core) for name, about in students.items()}
        pairs = {name: pair for name, pair in found.items() if not isinstance(pair, str)}
        for name, pair in pairs.items():
            yield _line(name, core, pair)
        if pairs:
            means = (geometric_mean(pair[key] for pair in pairs.values())
                     for key in ("ratio", "against_fp32"))  # fmt: skip
            title = f"**geometric mean of {len(pairs)}**"
            yield [title, core_named(core).title, "", "", "", *(f"{mean:.2f}" for mean in means),
                   "", ""]  # fmt: skip


def _line(name: str, core: str, pair: Row) -> list[str]:
    own, peer = pair["own"], pair["peer"]
    return [
        name,
        core_named(core).title,
        f"{_cycles(own, core) / 1e6:.1f}",
        f"{peer['peer']}, {TITLES[peer['runtime']]}",
        f"{_cycles(peer, core) / 1e6:.1f}",
        f"{pair['ratio']:.2f}",
        f"{pair['against_fp32']:.2f}",
        flips_of(own),
        "yes" if own["within_budget"] else "**no**",
    ]


def _full(row: Row) -> list[str]:
    name = f"**{row['peer']}**" if row["own"] else row["peer"]
    start = [name, TITLES[row["runtime"]]]
    if row["error"]:
        return [*start, "failed", *([""] * (len(_FULL) - 3))]
    figures = (row["counts"][core][figure] for core in CORES for figure in _FIGURES)
    return [
        *start,
        *(f"{figure / 1e6:.1f}" for figure in figures),
        f"{row['size_bytes'] / 1e6:.2f}",
        drop_of(row),
        flips_of(row),
        "yes" if row["within_budget"] else "no",
    ]
