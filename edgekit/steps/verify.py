"""Verify bundles of the project."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from edgekit.devices.device import Device, device_named
from edgekit.files import write_whole
from edgekit.hashes import sha256_json
from edgekit.manifest import Manifest, read_manifest
from edgekit.progress import Shares
from edgekit.results.inputs import InputsCheck
from edgekit.results.matrix import Matrix, NotedMatrix
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verification, Verifications, Verified, verified
from edgekit.steps import data, detectors, export
from edgekit.steps.noted import noted, or_unmeasured
from edgekit.steps.workspace import Workspace, code_sha256, this_machine
from edgekit.verdict import Verdict, worst


def verify(
    space: Workspace, bundle: Path, device: str | Device = "local", layers: bool = False
) -> Verification:
    """Verify a bundle against the project's student on its test set; see `verify_bundle`.

    Args:
        space: the project's workspace.
        bundle: its folder.
        device: where to run it.
        layers: look for a cause whatever the verdict: an artifact that does not compute what it was
            built from fails, even where the test images do not show it.

    Returns:
        the verdict with its `cause`, which is looked for where it is `fail`; None else.
    """
    return _verifier(space, bundle, layers)(device_named(device), space.reporter.advance)


def verify_on(
    space: Workspace, bundle: Path, devices: Sequence[Device], layers: bool = False
) -> Verifications:
    """Verify a bundle on several Devices at once.

    Returns:
        the worst verdict, and `devices`: what `verify` returns of each by its name. One that cannot
        be reached or fails costs nothing but its own result.
    """
    one = _verifier(space, bundle, layers)
    names = ", ".join(device.name for device in devices)
    space.reporter.start(f"verify on {names}")
    shares = Shares(space.reporter.advance, len(devices))

    def judge(place: int) -> Verification | Unmeasured:
        device = devices[place]
        found = or_unmeasured(lambda: one(device, shares.of(place)))
        space.reporter.done(f"verify on {device.name}", found.verdict)
        return found

    with ThreadPoolExecutor(len(devices)) as pool:
        found = list(pool.map(judge, range(len(devices))))
    return Verifications(
        verdict=worst(result.verdict for result in found),
        bundle=bundle.name,
        devices={device.name: each for device, each in zip(devices, found, strict=True)},
    )


def _verifier(
    space: Workspace, bundle: Path, layers: bool
) -> Callable[[Device, Callable[[int, int], None]], Verification]:
    """Do what is the same for every Device; return what verifies on one of them."""
    from edgekit.verify.verify import explained, refuse_other_student, verify_bundle

    manifest = read_manifest(bundle)
    data.refuse_leaks(space)
    refuse_other_student(manifest, bundle, detectors.student_sha256(space))
    signature = detectors.student(space).signature
    samples = data.split(space, "test", signature)
    reference = detectors.test_logits(space, "student")
    budget, seen = space.project.settings.budget, data.seen_slices(space)

    def judged(device: Device, advance: Callable[[int, int], None]) -> Verification:
        with _kept(space, manifest, device) as kept:
            run = (bundle, reference, samples, budget, device, advance, kept, signature, seen)
            return verify_bundle(*run)

    def one(device: Device, advance: Callable[[int, int], None]) -> Verification:
        result = judged(device, advance)
        if not layers and result.verdict is not Verdict.FAIL:
            return result
        student = export.student(space)
        again = partial(judged, advance=advance)
        return explained(bundle, student, result, device, samples, again)

    return one


def inputs(space: Workspace, bundle: Path, given: Path) -> InputsCheck:
    """Check an app's tensors of a bundle's golden samples; see `check_inputs`."""
    from edgekit.verify.inputs import check_inputs
    from edgekit.verify.verify import refuse_other_student

    manifest = read_manifest(bundle)
    refuse_other_student(manifest, bundle, detectors.student_sha256(space))
    samples = data.split(space, "test", manifest.signature)
    return check_inputs(bundle, given, detectors.student(space), samples, space.reporter.advance)


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
    from edgekit.verify.robustness import matrix, robustness

    plain = verify(space, bundle, device, layers)
    manifest, student = read_manifest(bundle), detectors.student(space)
    samples, budget = data.split(space, "test", student.signature), space.project.settings.budget
    with _kept(space, manifest, device_named(device), "disturbed") as kept:
        cells = list(
            robustness(
                bundle, student, samples, budget, device=device, progress=space.reporter.advance,
                kept=kept, seen=data.seen_slices(space),
            )
        )  # fmt: skip
    found = matrix(plain, cells)
    path = space.project.output / "results" / f"{bundle.name}.robustness.svg"
    write_whole(path, picture(found, f"AUC of {bundle.name} by disturbance and slice").encode())
    NotedMatrix(bundle=manifest.sha256, matrix=found).write(path.with_suffix(".json"))
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


@contextmanager
def _kept(
    space: Workspace, manifest: Manifest, device: Device, what: str = "plain"
) -> Iterator[Path]:
    """Give the place for finished chunks; it is cleared away when the verification has ended."""
    where = [device.name, device.settings.to_json(), what]
    depends = [manifest.sha256, data.split_sha256(space, "test"), where]
    name = sha256_json([*depends, detectors.student_sha256(space), code_sha256("verify")])[:16]
    folder = space.project.output / "verify" / f"{manifest.target}-{name}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def noted_verify(space: Workspace, bundle: Path) -> Verified:
    """Verify unless that was done here with the same bundle, images and student."""
    manifest = read_manifest(bundle)
    depends = {
        "bundle": manifest.sha256,
        "student": detectors.student_sha256(space),
        "test": data.split_sha256(space, "test"),
        "budget": space.project.settings.budget.to_json(),
        "machine": this_machine(manifest.runner),
        "code": code_sha256("verify", "devices"),
    }
    return noted(space, "verify", bundle, depends, partial(verify, space, bundle), verified)


def noted_stress(space: Workspace, bundle: Path) -> Matrix | None:
    """Return the matrix that `stress` left of this very bundle; None where there is none."""
    path = space.project.output / "results" / f"{bundle.name}.robustness.json"
    if not path.is_file():
        return None
    found = NotedMatrix.read(path)
    return found.matrix if found.bundle == read_manifest(bundle).sha256 else None
