"""Shares of a bundle's decisions, for the gate of `edgekit bench`."""

from pathlib import Path
from typing import TYPE_CHECKING

from edgekit.figure import Figure
from edgekit.manifest import read_manifest
from edgekit.results.gate import Reading
from edgekit.results.unmeasured import Unmeasured
from edgekit.settings import Json
from edgekit.steps import data
from edgekit.steps.scores import scored
from edgekit.steps.splits import groups_setting, split_sha256
from edgekit.steps.verify import noted_verify
from edgekit.steps.workspace import Workspace

if TYPE_CHECKING:
    from edgekit.performance.gate import Gate

NAMES = ("auc", "accuracy")


def shares(space: Workspace, bundle: Path) -> dict[str, Reading]:
    """Return the figures of the bundle's decisions; none where it was not verified."""
    if not (space.project.output / "results" / f"{bundle.name}.verify.json").is_file():
        return {}
    found = noted_verify(space, bundle)
    about: Json = {"test": split_sha256(space, "test"), **groups_setting(space)}
    if isinstance(found, Unmeasured):
        return {}
    figures = {name: found.decision.figures[name] for name in NAMES}
    return {
        name: Reading(value=each.artifact, interval=each.interval, about=about)
        for name, each in figures.items()
        if each.artifact is not None
    }


def moved(space: Workspace, bundle: Path, gate: "Gate") -> dict[str, Figure]:
    """Measure how the shares changed from the artifact of `against`, on the same test images.

    Returns:
        nothing where there is no such bundle, or it has the same artifact.
    """
    other = gate.against
    if other is None or not gate.shares or _same_file(bundle, other):
        return {}
    from edgekit.verification.beside import changes_beside

    samples = data.split(space, "test", scored(space, "student").signature)
    found = changes_beside(bundle, other, samples)
    return {name: found[name] for name in NAMES}


def _same_file(bundle: Path, other: Path) -> bool:
    ours, theirs = read_manifest(bundle), read_manifest(other)
    return ours.files[ours.artifact] == theirs.files[theirs.artifact]
