"""The results as Markdown: a short table for the README, a table per student for the documents."""

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.peers.peer import TITLES

_FULL = (
    "artifact", "1 thread, ms", "over fp32", "2 threads, ms", "over fp32", "size, MB",
    "memory, MiB", "load, ms", "made in, CPU s", "made with, MiB", "images", "AUC change", "flips",
    "in budget",
)  # fmt: skip
_SHORT = (
    "student", "runtime", "edgekit, ms", "fastest peer in budget", "peer, ms", "edgekit / peer",
    "edgekit / fp32", "AUC change", "flips", "in budget",
)  # fmt: skip


def short_table(results: dict[str, Any], threads: str = "1") -> str:
    """Write the README's table: edgekit and the fastest peer within the budget, by student.

    Args:
        results: the JSON of the peer benchmark.
        threads: which measurement to show.
    """
    lines = list(_short_rows(results, threads))
    return grid(_SHORT, lines, words=(0, 1, 3))


def _short_rows(results: dict[str, Any], threads: str) -> Iterator[list[str]]:
    for runtime, counts in results["summary"].items():
        about = counts[threads]
        for name, found in about["students"].items():
            rows = results["students"][name]["runtimes"][runtime]
            own = next(row for row in rows if row["peer"] == found["entry"])
            yield [
                name,
                TITLES[runtime],
                _number(found["p50_ms"]),
                found["fastest_peer"],
                _number(found["peer_p50_ms"]),
                _ratio(found["ratio"]),
                _ratio(found["against_fp32"]),
                drop_of(own),
                flips_of(own),
                "yes" if found["within_budget"] else "**no**",
            ]
        if about["against_peers"]:
            peers, plain = about["against_peers"]["geomean"], about["against_fp32"]
            fp32 = _ratio(plain["geomean"] if plain else None)
            blank = [""] * 3
            title = f"**geometric mean of {peers['students']}**"
            yield [title, TITLES[runtime], *blank, _ratio(peers), fp32, *blank]


def full_tables(results: dict[str, Any]) -> str:
    """Write one table for each student and runtime, with every artifact and every failure."""
    parts = []
    for name, found in results["students"].items():
        parts.append(f"### {name}\n")
        if "error" in found:
            parts.append(f"Not measured: {escape(found['error'])}.\n")
            continue
        reference = ", ".join(f"{key} {value:.4f}" for key, value in found["reference"].items())
        parts.append(f"Float student on {found['images']['test']} test images: {reference}.\n")
        for runtime, rows in found["runtimes"].items():
            parts.append(f"{TITLES[runtime]}:\n")
            parts.append(grid(_FULL, [_full(row) for row in rows], words=(0,)))
            parts += failures(rows)
    return "\n".join(parts)


def _full(row: dict[str, Any]) -> list[str]:
    name = f"**{row['peer']}**" if row["own"] else row["peer"]
    if row["error"]:
        return [name, "failed", *([""] * (len(_FULL) - 2))]
    made, times = row["made"], row["latency"]
    return [
        name,
        *(cell for threads in ("1", "2") for cell in _latency(times.get(threads))),
        f"{row['size_bytes'] / 1e6:.2f}",
        f"{row['model_mem_bytes'] / 2**20:.0f}",
        f"{row['load_ms']:.0f}",
        f"{made['cpu_seconds']:.1f}",
        f"{made['peak_mem_bytes'] / 2**20:.0f}",
        str(made["images"] or ""),
        drop_of(row),
        flips_of(row),
        "yes" if row["within_budget"] else "no",
    ]


def _latency(found: dict[str, Any] | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    return _number(found["p50_ms"]), _ratio(found["ratios"].get("fp32"))


def failures(rows: Sequence[dict[str, Any]]) -> list[str]:
    """List why artifacts are not there, as Markdown; nothing where all are."""
    lines = [f"- {row['peer']}: {escape(row['error'])}" for row in rows if row["error"]]
    return ["\n".join(lines) + "\n"] if lines else []


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _ratio(found: dict[str, float] | None) -> str:
    if found is None:
        return ""
    return f"{found['value']:.2f} [{found['low']:.2f}, {found['high']:.2f}]"


def drop_of(row: dict[str, Any]) -> str:
    """Write the change of the AUC with its interval."""
    auc = row["decision"]["auc"]
    if auc["ci95"] is None:
        return "not finite"
    return f"{auc['delta']:+.4f} [{auc['ci95'][0]:+.4f}, {auc['ci95'][1]:+.4f}]"


def flips_of(row: dict[str, Any]) -> str:
    """Write the share of decisions that changed."""
    rate = row["decision"]["flips"]["rate"]
    return "" if rate is None else f"{100 * rate:.1f}%"


def grid(columns: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[int]) -> str:
    """Write a Markdown table; columns in `words` are set left, the others right."""
    rules = [":--" if index in words else "--:" for index in range(len(columns))]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (columns, rules, *rows))


def escape(text: str) -> str:
    """Keep a reason from starting markup."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    for mark in "\\`*_[]|":
        text = text.replace(mark, f"\\{mark}")
    return text


def between(text: str, name: str, content: str) -> str:
    """Replace what stands between `<!-- NAME -->` and `<!-- /NAME -->`.

    Raises:
        ValueError: when the text lacks one of the two.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = text.partition(start)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"the text lacks {start} or {end}")
    return f"{before}{start}\n\n{content.strip()}\n\n{end}{after}"
