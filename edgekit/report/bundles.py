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
    if bench["verdict"] == "unavailable" or bench.get("evidence") in _TIMED:
        return bench
    found = bench.get("p50_ms")
    time = milliseconds(found) if found is not None else "no time"
    reason = f"{bundle_name(bundle)} took {time} with evidence {bench.get('evidence')!r}"
    return {"verdict": "unavailable", "reason": f"{reason}, which is not the target's runtime"}


def weaker(first: str, second: str) -> str:
    """Return the weaker of two words of evidence."""
    order = list(EVIDENCE)
    return max(first, second, key=order.index)
