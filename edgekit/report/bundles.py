"""What a bundle is called, what its evidence is worth, and the verdicts it has."""

from typing import Any

from edgekit.report.figures import milliseconds

Json = dict[str, Any]

# Strongest first. What is weaker than `host` was not timed on the target's runtime at all.
EVIDENCE = {
    "device": "measured on the target's own hardware",
    "emulated": "the target's own runtime build, on an emulated core",
    "host": "the target's runtime, on the core of the machine that made this report",
    "reference": "an interpreter of the artifact, not the target's runtime: "
    "it speaks of decisions, not of speed",
    "compiled": "the target's compiler accepted the artifact; nothing was run",
}
_TIMED = ("device", "host")

VERDICTS = {
    "pass": "pass",
    "fail": "fail",
    "inconclusive": "inconclusive",
    "unavailable": "not judged here",
}


def bundle_name(bundle: Json) -> str:
    """Return what the bundle is called: its target and precision."""
    return f"{bundle['target']}-{bundle['precision']}"


def decisions_of(bundle: Json) -> Json:
    """Return what verify said of the bundle; never None."""
    return bundle.get("verify") or {"verdict": "unavailable", "reason": "not verified yet"}


def speed_of(bundle: Json) -> Json:
    """Return what bench said of the bundle; never None.

    A time that was not taken on the target's runtime says nothing of the target and is withheld.
    """
    bench = bundle.get("bench") or {"verdict": "unavailable", "reason": "not measured"}
    if bench.get("p50_ms") is None or bench.get("evidence") in _TIMED:
        return bench
    time = milliseconds(bench["p50_ms"])
    reason = f"{bundle_name(bundle)} took {time} with evidence {bench.get('evidence')!r}"
    return {"verdict": "unavailable", "reason": f"{reason}, which is not the target's runtime"}


def reasons_of(part: Json) -> list[str]:
    """Return the lines that say why a verdict is no pass; none where it is one.

    Args:
        part: what verify or bench said of a bundle.
    """
    if part["verdict"] == "pass":
        return []
    lines = [*(part.get("failures") or ()), *(part.get("reasons") or ())]
    if not lines and part.get("reason"):
        lines = [str(part["reason"])]
    if "plain" in part:
        kernels = "it fails with the kernels of this processor, which its target is not for"
        lines.append(f"{kernels}; with plain ones the verdict is {part['plain']}")
    if not lines and part["verdict"] == "inconclusive":
        lines = [_undecided(part.get("images_to_decide"))]
    if part.get("cause"):
        lines.append(f"cause: {part['cause']['what']}: {part['cause']['advice']}")
    return lines or [f"{part['verdict']} without a reason on record"]


def _undecided(images: int | None) -> str:
    would = "" if images is None else f"; about {images:,} images would decide"
    return f"an interval reaches across its budget{would}"


def weaker(first: str, second: str) -> str:
    """Return the weaker of two words of evidence."""
    order = list(EVIDENCE)
    return max(first, second, key=order.index)
