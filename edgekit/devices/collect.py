"""What a runner left becomes a result, its end one line; the same for every transport."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.device import KernelTime, RunnerResult
from edgekit.devices.request import Request
from edgekit.devices.timing import Timing
from edgekit.errors import LONGEST, EdgekitError, InputError, UnavailableError, one_line
from edgekit.process import Ended

REASON = 300  # characters of a runtime's message that fit into a line
RESULT, LOGITS, TRACE = "result.json", "logits.npy", "trace.npz"
LEFT = (RESULT, LOGITS, TRACE)  # what a runner leaves
NOT_HERE = 3  # the runner's exit code where the runtime is not installed


def collected(
    ended: Ended, left: Mapping[str, bytes], request: Request, bundle: Path, where: str
) -> RunnerResult:
    """Turn what a runner left into a result, or its end into one line.

    Args:
        ended: how the runner ended.
        left: the files of LEFT that are there, by name.
        request: what was asked of it.
        bundle: what ran, for the message.
        where: where it ran, for the message: `here`, or `on` and a name.

    Raises:
        UnavailableError: when the artifact's runtime does not run there.
        EdgekitError: when the runtime refused the artifact or crashed, or the result is damaged.
    """
    result = left.get(RESULT, b"")
    _raise_unless_done(ended, result, bundle, where)
    try:
        found = json.loads(result)
        known = RunnerResult.__dataclass_fields__.keys() & found.keys()
        kept = {name: found[name] for name in known}
        kept["timing"] = Timing.from_json(found["timing"], "result.json")
        kept["kernels"] = tuple(_kernel(**item) for item in found["kernels"])
        traced = _traced(left, request.taps)
        return RunnerResult(logits=_array(left[LOGITS]), traced=traced, **kept)
    except (InputError, LookupError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise EdgekitError(
            f"the result of running {bundle} {where} is damaged or cut short",
            "Check that there is room on its disk and run it again",
        ) from error


def _array(data: bytes) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.load(io.BytesIO(data), allow_pickle=False)
    return found


def _kernel(kind: str, us: float, nodes: Sequence[str]) -> KernelTime:
    return KernelTime(kind, us, tuple(nodes))


def _traced(left: Mapping[str, bytes], taps: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    if not taps:
        return {}
    with np.load(io.BytesIO(left[TRACE]), allow_pickle=False) as found:
        arrays: list[Any] = [found[name] for name in found.files]
    return dict(zip(taps, arrays, strict=True))


def _raise_unless_done(ended: Ended, result: bytes, bundle: Path, where: str) -> None:
    place = "" if where == "here" else f" {where}"
    if ended.signal:
        raise EdgekitError(
            f"the runtime crashed on {bundle}{place} with {ended.signal}",
            "Export it again or in another precision",
        )
    if ended.code == 0:
        return
    try:
        reason = str(json.loads(result)["error"])
    except (ValueError, KeyError, TypeError):
        reason = ended.last_line(f"exit code {ended.code}")
    reason = _shortened(one_line(reason, max(len(reason), LONGEST)))
    if ended.code == NOT_HERE:
        raise UnavailableError(f"cannot run {bundle} {where}: {reason}", "See edgekit doctor")
    raise EdgekitError(f"the runtime refuses {bundle}{place}: {reason}", "Export it again")


def _shortened(reason: str) -> str:
    """Cut the middle out of a long message: runtimes say what is wrong at its end."""
    return reason if len(reason) <= REASON else f"{reason[:100]} ... {reason[-REASON + 105 :]}"


def hanging(bundle: Path, timeout_s: float, where: str = "here") -> EdgekitError:
    """Return the error of a run that took too long."""
    place = "" if where == "here" else f" {where}"
    return EdgekitError(
        f"running {bundle}{place} took more than {timeout_s:g} s",
        "The runtime hangs on it; export it again or in another precision",
    )
