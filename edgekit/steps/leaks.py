"""Refuse files and groups that are in two splits, and a test set of one group, before any work.

What was seen cannot judge, and one group decides nothing.
"""

from pathlib import Path

from edgekit.errors import InputError
from edgekit.hashes import sha256_file
from edgekit.steps.splits import Split, files_and_groups, split_sha256
from edgekit.steps.workspace import Workspace

_USES: dict[Split, str] = {
    "test": "Test on images that nothing else has seen",
    "validation": "Choose the precision on images that neither calibration nor test uses",
}


def refuse_leaks(space: Workspace) -> None:
    """Refuse a test set that shares files or groups with what the student was made from.

    Raises:
        InputError: naming the first file or group that is in two splits, or the one group that all
            of the test set is of.
    """
    _refuse_dependent(space)
    others: tuple[Split, ...] = ("calibration", "train", "validation")
    if space.project.settings.detector is not None:
        others = ("calibration",)
    space.remember("leaks", lambda: _refuse_shared(space, "test", others))


def refuse_overlaps(space: Workspace) -> None:
    """Refuse a validation set that shares files or groups with the calibration or the test set.

    Raises:
        InputError: naming the first file or group that is in two sets, or that there is no
            validation set.
    """
    split_sha256(space, "validation")  # says that there is no such set
    others: tuple[Split, ...] = ("calibration", "test")
    space.remember("overlaps", lambda: _refuse_shared(space, "validation", others))


def _refuse_dependent(space: Workspace) -> None:
    files = files_and_groups(space, "test")
    names = set(files.values())
    if len(files) > 1 and len(names) == 1 and None not in names:
        what = f"all {len(files)} test files are of one group, {names.pop()!r}: it decides nothing"
        raise InputError(what, "Add images of other groups, or correct `groups` in [data]")


def _refuse_shared(space: Workspace, held: Split, others: tuple[Split, ...]) -> None:
    files = files_and_groups(space, held)
    own = {sha256_file(path): path for path in files}
    groups = {group: path for path, group in files.items() if group is not None}
    for name in others:
        for path, group in files_and_groups(space, name).items():
            twin = own.get(sha256_file(path))
            if twin is not None:
                raise _leak(name, path, held, twin)
            if group in groups:
                raise _shared(name, path, held, groups[group], group)


def _shared(name: Split, path: Path, held: Split, own: Path, group: str | None) -> InputError:
    what = f"group {group!r} is in the {held} set ({own}) and in the {name} set ({path})"
    return InputError(what, "Keep all images of a group in one set, or name groups apart")


def _leak(name: Split, path: Path, held: Split, twin: Path) -> InputError:
    where = f"{path} of the {name} set"
    if path.resolve() == twin.resolve():
        what = f"{where} is in the {held} set too: the two folders overlap"
    else:
        what = f"{where} is the same file as {twin} of the {held} set"
    return InputError(what, _USES[held])
