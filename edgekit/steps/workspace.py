"""Where steps leave what they made, and how they know that it is still right.

A step's result is reused when its key is the same and what lies on the disk still has the hash that
was noted when it was made. Nothing here imports torch, so that a run with nothing to do ends at
once.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from edgekit.hashes import sha256_tree
from edgekit.progress import Reporter, Silent
from edgekit.steps.closure import Graph
from edgekit.steps.key import Key, changes, key_of, this_edgekit
from edgekit.steps.project import OpenProject
from edgekit.steps.reason import Reason
from edgekit.steps.record import Record, read_record
from edgekit.steps.step import Input, Step


class Workspace:
    """A project with its reporter and the records of what was made.

    Attributes:
        project: what was asked for.
        reporter: hears about the steps.
        force: steps whose names begin so are done again; "" for all, None for none.
        graph: the edgekit whose code is part of the keys.
    """

    def __init__(
        self,
        project: OpenProject,
        reporter: Reporter | None = None,
        force: str | None = None,
        graph: Graph | None = None,
    ) -> None:
        self.project = project
        self.reporter = reporter or Silent()
        self.force = force
        self.graph = graph or this_edgekit()
        self.memory: dict[str, Any] = {}

    def made(self, step: Step) -> Path:
        """Do a step, and those before it, unless what they left is still right.

        It is looked at once in this process.

        Returns:
            the step's output.
        """
        output: Path = self.remember(f"made {step.name}", lambda: self._made(step))
        return output

    def _made(self, step: Step) -> Path:
        for earlier in step.before:
            self.made(earlier)
        for check in step.checks:
            check()
        record = read_record(self._place(step))
        if record is None or self.reasons(step):
            self._make(step)
        else:
            self.reporter.done(step.name, record.detail, reused=True)
        return step.output

    def _make(self, step: Step) -> None:
        if not step.part:
            self.reporter.start(step.name)
        key = self.key_of(step)  # of what is there before the work
        detail = step.make()
        self.note(step, detail, key)
        self.reporter.done(step.name, detail)

    def note(self, step: Step, detail: str, key: Key | None = None) -> None:
        """Keep the record of a step whose output has just been made.

        Args:
            step: the step.
            detail: one line about what it left.
            key: as it was before the work; as it is now when left out.
        """
        self.memory.pop(f"sha256 {step.output}", None)
        record = Record(key or self.key_of(step), self.tree_sha256(step.output), detail)
        record.write(self._place(step))

    def reasons(self, step: Step, pending: Collection[str] = ()) -> tuple[Reason, ...]:
        """Return why a step must be done; nothing where what it left is still right.

        Args:
            step: the steps before it have been done.
            pending: names of its inputs that are not there yet: nothing is said about them.
        """
        if self.force is not None and step.name.startswith(self.force):
            return (Reason("asked", "--force asks for it"),)
        record = read_record(self._place(step))
        lost = self._lost(step, record)
        if record is None or lost is not None:
            return (Reason("output", lost or "there is no record of it that this edgekit reads"),)
        again = step.unsettled()
        verdict = (Reason("verdict", again),) if again else ()
        return (*changes(record.key, self.key_of(step, pending), pending), *verdict)

    def key_of(self, step: Step, pending: Collection[str] = ()) -> Key:
        """Return everything that a step's result depends on; see `key.key_of`."""
        return key_of(step, self.graph, pending)

    def _lost(self, step: Step, record: Record | None) -> str | None:
        """Say what is wrong with what lies on the disk; None where nothing is."""
        if not step.output.exists():
            return "nothing is there yet" if record is None else "what it left is gone"
        if record is not None and record.output != self.tree_sha256(step.output):
            return "what it left was changed"
        return None

    def _place(self, step: Step) -> Path:
        return self.project.output / ".steps" / f"{step.name.replace(' ', '-')}.json"

    def left_by(self, step: Step) -> Input:
        """Return what a step leaves as another one's input."""
        return Input(lambda: self.tree_sha256(step.output), step)

    def remember(self, name: str, make: Callable[[], Any]) -> Any:
        """Make a value once in this process."""
        if name not in self.memory:
            self.memory[name] = make()
        return self.memory[name]

    def tree_sha256(self, path: Path) -> str:
        """Hash a file or folder once in this process."""
        digest: str = self.remember(f"sha256 {path}", lambda: sha256_tree(path))
        return digest
