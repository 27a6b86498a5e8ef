"""Verify bundles of the project under every disturbance, and keep the matrix for the report."""

from pathlib import Path
from typing import Any

from edgekit.devices.device import Device, device_named, open_device
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import InputError
from edgekit.files import read_json, write_json, write_whole
from edgekit.manifest import read_manifest
from edgekit.steps import data, detectors
from edgekit.steps.loading import LOADER
from edgekit.steps.splits import seen_slices
from edgekit.steps.step import Step
from edgekit.steps.verify import VERDICTS, chunks, verify, verify_step
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named


def stress(
    space: Workspace, bundle: Path, device: str | Device = "local", layers: bool = False
) -> dict[str, Any]:
    """Verify a bundle as it is and under every disturbance.

    Returns:
        the verdict as `verify` returns it, the worst of all verdicts in its place, with
        `robustness`: see `robustness.matrix`. The picture is `<output>/results/` +
        `<bundle>.robustness.svg`.
    """
    from edgekit.report.matrix import picture
    from edgekit.verify.robustness import matrix, robustness

    where = device_named(device)
    plain = verify(space, bundle, where, layers)
    manifest, student = read_manifest(bundle), detectors.student(space)
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
    write_json(_matrix_file(space, bundle), {"device": settings.to_json(), "matrix": found})
    space.note(robustness_step(space, bundle, settings), f"verdicts of {len(cells)} disturbances")
    found_in = [plain["verdict"], *(cell["verdict"] for cell in cells)]
    if "plain" in plain and plain["verdict"] != "fail":  # these kernels say nothing of the file
        found_in = [kind.replace("fail", "inconclusive") for kind in found_in]
    worst = next(kind for kind in VERDICTS if kind in found_in)
    failures = [f"{cell['disturbance']}: {line}" for cell in cells for line in cell["failures"]]
    return {
        **plain,
        "verdict": worst,
        "failures": [*plain["failures"], *failures],
        "robustness": found,
        "picture": str(path),
    }


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
        entries=("edgekit.verify.robustness", LOADER),
        make=lambda: str(stress(space, bundle, open_device("robustness", where))["verdict"]),
        inputs=plain.inputs,
        settings={**plain.settings, "device": where.to_json()},
        runner=plain.runner if where.transport == "local" else None,
    )


def noted_stress(space: Workspace, bundle: Path) -> dict[str, Any]:
    """Return the matrix that `stress` left as `robustness`, while nothing has changed since.

    Returns:
        {} where there is none, or one of another bundle, data, budget, machine or edgekit.
    """
    path = _matrix_file(space, bundle)
    try:
        found = read_json(path)
        where = DeviceSettings.parse(found["device"], path)
    except (InputError, KeyError, TypeError):  # none, damaged, or of another version
        return {}
    stale = space.reasons(robustness_step(space, bundle, where))
    return {} if stale else {"robustness": found["matrix"]}


def _matrix_file(space: Workspace, bundle: Path) -> Path:
    return space.project.output / "results" / f"{bundle.name}.robustness.json"
