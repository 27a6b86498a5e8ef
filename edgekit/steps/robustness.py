"""Verify bundles of the project under every disturbance, and keep the matrix for the report."""

from collections.abc import Sequence
from pathlib import Path

from edgekit.devices.device import Device, device_named, open_device
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import InputError
from edgekit.files import write_whole
from edgekit.manifest import read_manifest
from edgekit.results.matrix import Matrix, NotedMatrix
from edgekit.results.verification import Verification
from edgekit.steps import data, detectors
from edgekit.steps.loading import LOADER
from edgekit.steps.splits import seen_slices
from edgekit.steps.step import Step
from edgekit.steps.verify import ENTRIES, chunks, verify, verify_step
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named
from edgekit.verdict import Verdict, worst


def stress(
    space: Workspace, bundle: Path, device: str | Device = "local", layers: bool = False
) -> Verification:
    """Verify a bundle as it is and under every disturbance.

    Returns:
        the verdict as `verify` returns it, the worst of all verdicts in its place, with
        `robustness`: see `robustness.matrix`. The picture is `<output>/results/` +
        `<bundle>.robustness.svg`.
    """
    from edgekit.report.matrix import picture
    from edgekit.verification.robustness import matrix, robustness

    where = device_named(device)
    plain = verify(space, bundle, where, layers)
    manifest, student = read_manifest(bundle), detectors.student_detector(space)
    samples, budget = data.split(space, "test", student.signature), space.project.settings.budget
    with chunks(space, manifest, where, "disturbed") as kept:
        cells = list(
            robustness(
                bundle, student, samples, budget, device=where, progress=space.reporter.advance,
                kept=kept, seen=seen_slices(space),
            )
        )  # fmt: skip
    found = matrix(plain, cells)
    path = _matrix_file(space, bundle).with_suffix(".svg")
    write_whole(path, picture(found, f"AUC of {bundle.name} by disturbance and slice").encode())
    settings = where.settings
    NotedMatrix(device=settings.to_json(), matrix=found).write(_matrix_file(space, bundle))
    space.note(robustness_step(space, bundle, settings), f"verdicts of {len(cells)} disturbances")
    failures = [f"{cell.disturbance}: {line}" for cell in cells for line in cell.found.failures]
    update = {
        "verdict": _worst(plain, [cell.found.verdict for cell in cells]),
        "failures": (*plain.failures, *failures),
        "robustness": found,
        "picture": str(path),
    }
    return plain.model_copy(update=update)


def _worst(plain: Verification, disturbed: Sequence[Verdict]) -> Verdict:
    """Return the verdict on all; kernels that say nothing of the file do not make it fail."""
    found = worst([plain.verdict, *disturbed])
    excused = plain.plain is not None and plain.verdict is not Verdict.FAIL
    return Verdict.INCONCLUSIVE if excused and found is Verdict.FAIL else found


def robustness_step(space: Workspace, bundle: Path, where: DeviceSettings) -> Step:
    """Declare what `stress` leaves for the report: everything that its verdicts depend on.

    Args:
        space: the project's workspace.
        bundle: its folder.
        where: settings of the Device that ran it. Of other machines than this one nothing more is
            known without asking them.
    """
    target = target_named(read_manifest(bundle).target)
    plain = verify_step(space, bundle, target)
    return Step(
        name=f"robustness {bundle.name}",
        output=_matrix_file(space, bundle),
        entries=("edgekit.verification.robustness", *ENTRIES, LOADER),
        make=lambda: str(stress(space, bundle, open_device("robustness", where)).verdict),
        inputs=plain.inputs,
        settings={**plain.settings, "device": where.to_json()},
        runner=plain.runner if where.transport == "local" else None,
    )


def noted_stress(space: Workspace, bundle: Path) -> Matrix | None:
    """Return the matrix that `stress` left, while nothing has changed since.

    Returns:
        None where there is none, or one of another bundle, data, budget, machine or edgekit.
    """
    path = _matrix_file(space, bundle)
    try:
        found = NotedMatrix.read(path)
    except InputError:  # none, damaged, or of another version
        return None
    where = DeviceSettings.parse(found.device, path)
    return None if space.reasons(robustness_step(space, bundle, where)) else found.matrix


def _matrix_file(space: Workspace, bundle: Path) -> Path:
    return space.project.output / "results" / f"{bundle.name}.robustness.json"
