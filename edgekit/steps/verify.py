"""Verify bundles of the project."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from edgekit.devices.device import Device, device_named
from edgekit.hashes import sha256_json
from edgekit.manifest import Manifest, read_manifest
from edgekit.progress import Progress, Shares
from edgekit.results.inputs import InputsCheck
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verification, Verifications, Verified, verified
from edgekit.steps import calibrate, data, detectors
from edgekit.steps.installed import this_machine
from edgekit.steps.key import code_of
from edgekit.steps.leaks import refuse_leaks
from edgekit.steps.loading import LOADER
from edgekit.steps.noted import noted, or_unmeasured, verdict_step
from edgekit.steps.scores import score_step, scored
from edgekit.steps.splits import (
    groups_setting,
    seen_input,
    seen_slices,
    split_input,
    split_sha256,
)
from edgekit.steps.step import Input, Step
from edgekit.steps.workspace import Workspace
from edgekit.target import Target, target_named
from edgekit.verdict import Verdict, worst

ENTRIES = ("edgekit.face.verify", "edgekit.verification.verify")


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
) -> Callable[[Device, Progress], Verification]:
    """Do what is the same for every Device; return what verifies on one of them."""
    from edgekit.face.verify import verify as judge
    from edgekit.verification.verify import explained, refuse_other_student

    manifest = read_manifest(bundle)
    refuse_leaks(space)
    refuse_other_student(manifest, bundle, detectors.student_sha256(space))
    student = scored(space, "student")
    samples = data.split(space, "test", student.signature)
    budget, seen = space.project.settings.budget, seen_slices(space)

    def judged(device: Device, advance: Progress) -> Verification:
        with chunks(space, manifest, device) as kept:
            return judge(bundle, student, samples, budget, device, advance, kept, seen)

    def one(device: Device, advance: Progress) -> Verification:
        result = judged(device, advance)
        if not layers and result.verdict is not Verdict.FAIL:
            return result
        built_from = calibrate.student(space)
        again = partial(judged, advance=advance)
        return explained(bundle, built_from, result, device, samples, again)

    return one


def inputs(space: Workspace, bundle: Path, given: Path) -> InputsCheck:
    """Check an app's tensors of a bundle's golden samples; see `check_inputs`."""
    from edgekit.verification.inputs import check_inputs
    from edgekit.verification.verify import refuse_other_student

    manifest = read_manifest(bundle)
    refuse_other_student(manifest, bundle, detectors.student_sha256(space))
    samples = data.split(space, "test", manifest.signature)
    return check_inputs(
        bundle, given, detectors.student_detector(space), samples, space.reporter.advance
    )


@contextmanager
def chunks(
    space: Workspace, manifest: Manifest, device: Device, what: str = "plain"
) -> Iterator[Path]:
    """Give the place for finished chunks; it is cleared away when the verification has ended."""
    where = [device.name, device.settings.to_json(), this_machine(manifest.runner), what]
    made_from = [split_sha256(space, "test"), detectors.student_sha256(space)]
    depends = [manifest.sha256, *made_from, where, dict(code_of(ENTRIES).files)]
    folder = space.project.output / "verify" / f"{manifest.target}-{sha256_json(depends)[:16]}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def verify_step(space: Workspace, bundle: Path, target: Target, of: Step | None = None) -> Step:
    """Declare the verification of a bundle on this machine.

    Args:
        space: the project's workspace.
        bundle: its folder.
        target: the bundle's.
        of: the step that makes the bundle; None for one that is there.
    """
    settings = space.project.settings
    inputs = {
        "bundle": Input(lambda: space.tree_sha256(bundle), of),
        "student": detectors.detector_input(space, "student"),
        "scores": space.left_by(score_step(space, "student")),
        "test": split_input(space, "test"),
        "slices in training": seen_input(space),
    }
    return verdict_step(
        space, f"verify {bundle.name}", target, (*ENTRIES, LOADER, calibrate.CALIBRATE),
        lambda: verify(space, bundle), inputs,
        {
            "budget": settings.budget.to_json(),
            "corrections": settings.quantization.corrections,
            **groups_setting(space),
        },
    )  # fmt: skip


def noted_verify(space: Workspace, bundle: Path) -> Verified:
    """Verify unless that was done here with the same bundle, images and student."""
    target = target_named(read_manifest(bundle).target)
    return noted(space, verify_step(space, bundle, target), verified)
