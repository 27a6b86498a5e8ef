"""Why a step is done, so that a person can tell whether that is right."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from edgekit.settings import Json

Part = Literal["input", "setting", "code", "package", "machine"]
# What in the key changed, or what else speaks against what is there.
Kind = Part | Literal["step", "output", "verdict", "asked"]
_LONGEST = 40  # characters of a value that a line shows


@dataclass(frozen=True)
class Reason:
    """One thing that makes a step necessary.

    Attributes:
        kind: a part of the key; `step` for an earlier step that is done, `output` for what is
            missing or was changed on the disk, `verdict` for one that another measurement may
            change, `asked` for `--force`.
        name: of the input, setting, module, package, trait of the machine or earlier step; a whole
            sentence for the others.
        before: the value in the key when the step was done; None where there was none.
        after: the value now; None where there is none.
    """

    kind: Kind
    name: str
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        if self.kind in ("output", "verdict", "asked"):
            return self.name
        if self.kind == "step":
            return f"follows from {self.name}"
        what = self.name if self.kind in ("code", "package") else f"{self.kind} {self.name}"
        if self.kind in ("input", "code") or not _short(self.before) or not _short(self.after):
            return f"{what} has changed"
        return f"{what} was {_shown(self.before)} and is {_shown(self.after)}"

    def to_json(self) -> Json:
        """Return plain JSON values."""
        return {**asdict(self), "text": str(self)}


def _short(value: Any) -> bool:
    return not isinstance(value, list | dict) and len(_shown(value)) <= _LONGEST


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    return value if isinstance(value, str) and value else json.dumps(value)


def in_one_line(reasons: Sequence[Reason], most: int = 3) -> str:
    """Write the first reasons, and how many there are besides; earlier steps are one of them."""
    steps = list(dict.fromkeys(reason.name for reason in reasons if reason.kind == "step"))
    said = [f"follows from {', '.join(steps)}"] if steps else []
    said += [str(reason) for reason in reasons if reason.kind != "step"]
    more = len(said) - most
    return "; ".join([*said[:most], f"and {more} more"] if more > 0 else said)
