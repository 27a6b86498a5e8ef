"""Walk a project's pipeline and note which files of edgekit ran in each step.

    python -m tests.steps.record_run PROJECT OUT

Only code of this process is seen: what a step starts as a program of its own is not.
"""

import json
import sys
import threading
from dataclasses import replace
from functools import wraps
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from edgekit.devices.settings import DeviceSettings
from edgekit.steps import pipeline
from edgekit.steps.project import open_project
from edgekit.steps.robustness import robustness_step
from edgekit.steps.sources import HERE
from edgekit.steps.step import Step
from edgekit.steps.workspace import Workspace

ROOTS = {HERE: "edgekit", HERE.parent / "export": "edgekit.exporters"} | {
    HERE.parent / "calibration": "edgekit.calibration"
}


class Recorder(Workspace):
    """Notes the code that runs while a step is made, and the declared code beside it."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.found: dict[str, dict[str, list[str]]] = {}
        self._open: list[set[CodeType]] = []
        threading.settrace(self._hear)
        sys.settrace(self._hear)

    def _hear(self, frame: FrameType, event: str, argument: object) -> None:
        """Note a function that is called; what it does line by line is not traced."""
        if self._open:
            self._open[-1].add(frame.f_code)

    def _make(self, step: Step) -> None:
        @wraps(step.make)  # keeps the name of the module that declares the step
        def make() -> str:
            self._open.append(set())
            detail = step.make()
            ran = sorted({name for code in self._open.pop() if (name := _module(code))})
            self.found[step.name] = {"ran": ran, "declared": sorted(self.key_of(step)["code"])}
            return detail

        super()._make(replace(step, make=make))


def _module(code: CodeType) -> str | None:
    path = Path(code.co_filename)
    for root, package in ROOTS.items():
        if path.is_relative_to(root):
            name = ".".join((package, *path.relative_to(root).with_suffix("").parts))
            return name.removesuffix(".__init__")
    return None


def main(project: str, out: str) -> None:
    """Run every step of a project, and the disturbances of its last bundle."""
    space = Recorder(open_project(Path(project)))
    done = pipeline.walk(space)
    space.made(robustness_step(space, done[-1].bundle, DeviceSettings(url="local")))
    Path(out).write_text(json.dumps(space.found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
