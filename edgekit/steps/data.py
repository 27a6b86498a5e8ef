"""The data of a project, opened; what its files are is looked through once."""

from collections.abc import Callable
from pathlib import Path

from edgekit.dataset import Dataset, open_dataset
from edgekit.files import read_json, write_json
from edgekit.hints import with_hint
from edgekit.settings import Json
from edgekit.signature import Signature
from edgekit.steps.splits import Split, groups_setting, split_folder, split_input
from edgekit.steps.step import Input, Step
from edgekit.steps.workspace import Workspace
from edgekit.survey import Survey, survey


def split(space: Workspace, name: Split, signature: Signature) -> Dataset:
    """Open a split for a Signature, and say once what its files are; see `looked_through`."""
    data = _opened(space, name, signature)
    space.made(files_step(space, name, lambda: signature))
    return data


def looked_through(space: Workspace, name: Split) -> Survey:
    """Return what a split's files are, once `split` has opened it."""
    path = _place(space, name)
    return Survey.parse(read_json(path), path)


def files_step(
    space: Workspace, name: Split, signature: Callable[[], Signature], of: Step | None = None
) -> Step:
    """Declare the look through a split's files: what was left out, where a policy mattered.

    It is kept in `<output>/files/<split>.json`, and its line is the step `<split> files`.

    Args:
        space: the project's workspace.
        name: the split's.
        signature: of the Detector that reads it.
        of: the step that leaves the Signature.
    """
    path = _place(space, name)

    def make() -> str:
        data = _opened(space, name, signature())
        found = with_hint(survey(data), data) if name == "test" else survey(data)
        write_json(path, found.to_json())
        return "; ".join((f"{found.samples} samples", *found.notes))

    inputs = {
        "files": split_input(space, name),
        "signature": Input(lambda: _rules(signature()), of),
    }
    hints = ("edgekit.hints",) if name == "test" else ()
    entries = ("edgekit.survey", *hints, "edgekit.files")
    return Step(f"{name} files", path, entries, make, inputs, groups_setting(space), part=True)


def _opened(space: Workspace, name: Split, signature: Signature) -> Dataset:
    groups = space.project.settings.data.groups
    return open_dataset(split_folder(space, name), signature, groups)


def _place(space: Workspace, name: Split) -> Path:
    return space.project.output / "files" / f"{name}.json"


def _rules(signature: Signature) -> Json:
    """Return what of a Signature decides what a file is worth."""
    rules = {spec.name: spec.preprocessing for spec in signature.inputs}
    inputs = {name: rule and [rule.orientation, rule.alpha] for name, rule in rules.items()}
    return {"classes": signature.classes, "inputs": inputs}
