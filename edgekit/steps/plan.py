"""What a run would do, what it would reuse, and why: found out without doing anything."""

from dataclasses import dataclass
from typing import Literal

from edgekit.settings import Json
from edgekit.steps.reason import Reason, in_one_line
from edgekit.steps.step import Step
from edgekit.steps.workspace import Workspace

Action = Literal["reuse", "do", "open"]
WORDS: dict[Action, str] = {"reuse": "reused", "do": "done", "open": "open"}


@dataclass(frozen=True)
class Planned:
    """What would happen to one step.

    Attributes:
        step: its name.
        action: `reuse` what is there, `do` it, or `open`: an earlier step that would be done
            decides it. It is reused where that leaves what was there before.
        reasons: why, where it is not simply reused.
    """

    step: str
    action: Action
    reasons: tuple[Reason, ...] = ()

    def line(self) -> str:
        """Write it as the line of a step that ended is written."""
        return f"{self.step:<24} {WORDS[self.action]:>8}  {in_one_line(self.reasons)}".rstrip()

    def to_json(self) -> Json:
        """Return plain JSON values."""
        reasons = [reason.to_json() for reason in self.reasons]
        return {"step": self.step, "action": self.action, "reasons": reasons}


class Plan:
    """Looks at steps in the order in which a run comes to them.

    Attributes:
        planned: what would happen, by the step's name, in that order.
    """

    def __init__(self, space: Workspace) -> None:
        self.space = space
        self.planned: dict[str, Planned] = {}

    def look(self, step: Step, after: Planned | None = None) -> Planned:
        """Say what would happen to a step, and before that to those whose output it reads.

        Args:
            step: the step.
            after: an earlier step whose result decides whether this one is needed.

        Raises:
            InputError: when what the user gave is missing or refused, as in a run.
        """
        if step.name not in self.planned:
            earlier = [self.look(each, after) for each in step.before]
            planned = self._planned(step, [each for each in earlier if each.action != "reuse"])
            self.planned[step.name] = _perhaps(planned, after) if after else planned
        return self.planned[step.name]

    def _planned(self, step: Step, undone: list[Planned]) -> Planned:
        names = {planned.step for planned in undone}
        if not undone:
            for check in step.checks:
                check()
        pending = [
            name for name, given in step.inputs.items() if given.of and given.of.name in names
        ]
        own = self.space.reasons(step, pending)
        behind = {name for planned in undone for name in self._behind(planned)}
        follows = tuple(_follows(planned) for planned in undone if planned.step not in behind)
        action: Action = "do" if own else "open" if follows else "reuse"
        return Planned(step.name, action, (*follows, *own))

    def _behind(self, planned: Planned) -> set[str]:
        """Name the steps that a step follows from, and those that these follow from."""
        direct = {reason.name for reason in planned.reasons if reason.kind == "step"}
        return direct.union(*(self._behind(self.planned[name]) for name in direct))


def _follows(earlier: Planned) -> Reason:
    return Reason("step", earlier.step)


def _perhaps(planned: Planned, after: Planned) -> Planned:
    """Leave it open whether a step is done, where an earlier one decides whether it is needed."""
    if planned.action == "reuse":
        return planned
    return Planned(planned.step, "open", (_follows(after), *planned.reasons))
