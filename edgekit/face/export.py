"""`edgekit.export`."""

from edgekit.bundle import Bundle
from edgekit.dataset import Dataset
from edgekit.devices.device import Device, device_named
from edgekit.errors import InputError
from edgekit.exporters.bundle import export_bundle
from edgekit.exporters.recipe import Recipe, default_recipe
from edgekit.exporters.student import Student
from edgekit.face.given import Folder, images_of, kind, path_of
from edgekit.results.search import SearchResult
from edgekit.target import Precision, Target, checked_precision, target_named
from edgekit.verification.parity import Budget


def export(
    student: Student,
    target: str,
    precision: Precision | None = None,
    out: Folder | None = None,
    heldout: Folder | Dataset | None = None,
    budget: Budget | None = None,
    device: str | Device = "local",
    searched: SearchResult | None = None,
) -> Bundle:
    """Build one bundle; it appears whole or not at all.

    Args:
        student: what `calibrate` returned.
        target: a Target's name, such as `jetson`.
        precision: the Target's own when left out; `auto` for the fastest inside the budget.
        out: the bundle's folder, `<target>-<precision>` when left out. A bundle is replaced.
        heldout: for `auto`, images that decide: neither those of calibration nor of the test.
        budget: for `auto`, what the artifact may lose.
        device: for `auto`, where candidates run.
        searched: for `auto`, what an earlier search came to; nothing is searched then.

    Raises:
        InputError: when there is no such target or precision.
        UnavailableError: when the target's runtime cannot be built with here.
        EdgekitError: when the converter or the runtime refuses the student.
    """
    if not isinstance(student, Student):
        raise InputError(
            f"export takes what calibrate returned, not {kind(student)}", "Call calibrate first"
        )
    found = target_named(target)
    wanted = checked_precision(found, precision)
    path = path_of(f"{target}-{wanted}" if out is None else out, "out")
    if wanted != "auto":
        export_bundle(
            student, found, wanted, path, default_recipe(found, wanted, student.corrections)
        )
        return Bundle(path)
    if searched is None:
        held = heldout if heldout is None else images_of(heldout, student.detector.signature)
        searched = _search(student, found, held, budget or Budget(), device)
    recipe = Recipe.parse(searched.recipe, "the search")
    export_bundle(student, found, wanted, path, recipe, (searched.by,))
    return Bundle(path)


def _search(
    student: Student,
    target: Target,
    heldout: Dataset | None,
    budget: Budget,
    device: str | Device,
) -> SearchResult:
    from edgekit.search.library import search_recipe

    if heldout is None:
        raise InputError("precision auto needs images that decide", "Name them with heldout")
    found = search_recipe(student, target, heldout, budget, device)
    if found.verdict != "pass":
        raise InputError(found.reason, "Widen the budget, or give more held-out images")
    return found.result(budget.auc, device_named(device).name)
