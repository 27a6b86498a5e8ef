"""Verify and bench bundles of the project."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit.errors import EdgekitError, UnavailableError
from edgekit.export.manifest import Manifest, read_manifest
from edgekit.export.target import target_named
from edgekit.files import read_json, write_json, write_whole
from edgekit.hashes import sha256_json
from edgekit.steps import data, detectors, export
from edgekit.steps.workspace import Workspace, code_sha256

if TYPE_CHECKING:
    from edgekit.bench.session import Gate
    from edgekit.bench.settings import BenchSettings


def verify(space: Workspace, bundle: Path, device: str = "local") -> dict[str, Any]:
    """Verify a bundle against the project's student on its test set; see `verify_bundle`."""
    from edgekit.verify.verify import refuse_other_student, verify_bundle

    manifest = read_manifest(bundle)
    data.refuse_leaks(space)
    refuse_other_student(manifest, bundle, detectors.student_sha256(space))
    samples = data.split(space, "test", manifest.signature)
    reference = detectors.test_logits(space, "student")
    budget, advance = space.project.settings.budget, space.reporter.advance
    with _kept(space, manifest, device) as kept:
        return verify_bundle(bundle, reference, samples, budget, device, advance, kept)


def inputs(space: Workspace, bundle: Path, given: Path) -> dict[str, Any]:
    """Check an app's tensors of a bundle's golden samples; see `check_inputs`."""
    from edgekit.verify.inputs import check_inputs
    from edgekit.verify.verify import refuse_other_student

    manifest = read_manifest(bundle)
    refuse_other_student(manifest, bundle, detectors.student_sha256(space))
    samples = data.split(space, "test", manifest.signature)
    return check_inputs(bundle, given, detectors.student(space), samples, space.reporter.advance)


def stress(space: Workspace, bundle: Path, device: str = "local") -> dict[str, Any]:
    """Verify a bundle as it is and under every disturbance.

    Returns:
        the verdict as `verify` returns it, the worst of all verdicts in its place, with
        `robustness`: see `robustness.matrix`. The picture is `<output>/results/` +
        `<bundle>.robustness.svg`.
    """
    from edgekit.report.matrix import picture
    from edgekit.verify.robustness import matrix, robustness

    plain = verify(space, bundle, device)
    signature = read_manifest(bundle).signature
    budget, advance = space.project.settings.budget, space.reporter.advance
    samples, student = data.split(space, "test", signature), detectors.student(space)
    cells = list(robustness(bundle, student, samples, budget, device=device, progress=advance))
    found = matrix(plain, cells)
    path = space.project.output / "results" / f"{bundle.name}.robustness.svg"
    write_whole(path, picture(found, f"AUC of {bundle.name} by disturbance and slice").encode())
    worst = next(
        kind
        for kind in ("fail", "inconclusive", "pass")
        if any(cell["verdict"] == kind for cell in (plain, *cells))
    )
    failures = [f"{cell['disturbance']}: {line}" for cell in cells for line in cell["failures"]]
    return {
        **plain,
        "verdict": worst,
        "failures": [*plain["failures"], *failures],
        "robustness": found,
        "picture": str(path),
    }


@contextmanager
def _kept(space: Workspace, manifest: Manifest, device: str) -> Iterator[Path]:
    """Give the place for finished chunks; it is cleared away when the verification has ended."""
    name = sha256_json([manifest.sha256, data.split_sha256(space, "test"), device])[:16]
    folder = space.project.output / "verify" / f"{manifest.target}-{name}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def bench(
    space: Workspace,
    bundle: Path,
    device: str = "local",
    gate: "Gate | None" = None,
    settings: "BenchSettings | None" = None,
    sustained_s: float = 0.0,
) -> dict[str, Any]:
    """Time a bundle against the fp32 one of the same target, or pass it through a gate.

    See `run_gate`. With a baseline the fp32 bundle is not needed, and not measured.
    """
    from edgekit.bench.session import Gate, run_gate

    gate = gate or Gate()
    shares = _shares(space, bundle) if gate.baseline is not None else {}
    against = None if gate.baseline or gate.against else _sibling(space, bundle)
    return run_gate(
        bundle,
        replace(gate, shares=shares),
        settings or space.project.settings.bench,
        device,
        space.reporter.advance,
        sustained_s,
        against,
    )


def _sibling(space: Workspace, bundle: Path) -> Path | None:
    """Return the fp32 bundle of the same target, exported unless it is there."""
    manifest = read_manifest(bundle)
    if manifest.precision == "fp32" or "fp32" not in target_named(manifest.target).precisions:
        return None
    return export.export(space, manifest.target, "fp32")


def _shares(space: Workspace, bundle: Path) -> dict[str, Any]:
    """Return the figures of the bundle's decisions, where it has been verified."""
    if not (space.project.output / "results" / f"{bundle.name}.verify.json").is_file():
        return {}
    found = noted_verify(space, bundle)
    about = {"test": data.split_sha256(space, "test")}
    values = {name: found.get("decision", {}).get(name, {}) for name in ("auc", "accuracy")}
    return {
        name: {"value": value["artifact"], "about": about}
        for name, value in values.items()
        if value.get("artifact") is not None
    }


def noted_verify(space: Workspace, bundle: Path) -> dict[str, Any]:
    """Verify unless the same bundle was verified on the same images against the same student."""
    depends = {
        "bundle": read_manifest(bundle).sha256,
        "student": detectors.student_sha256(space),
        "test": data.split_sha256(space, "test"),
        "budget": space.project.settings.budget.to_json(),
        "code": code_sha256("verify", "devices"),
    }
    return _noted(space, "verify", bundle, depends, lambda: verify(space, bundle))


def noted_bench(space: Workspace, bundle: Path) -> dict[str, Any]:
    """Bench unless the same bundle was measured with the same settings."""
    depends = {
        "bundle": read_manifest(bundle).sha256,
        "bench": space.project.settings.bench.to_json(),
        "code": code_sha256("bench", "devices"),
    }
    return _noted(space, "bench", bundle, depends, lambda: bench(space, bundle))


def _noted(
    space: Workspace,
    what: str,
    bundle: Path,
    depends: dict[str, Any],
    measure: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    path = space.project.output / "results" / f"{bundle.name}.{what}.json"

    def make() -> str:
        result = _or_unavailable(measure)
        write_json(path, result)
        return str(result["verdict"])

    space.made(f"{what} {bundle.name}", path, depends, make)
    noted: dict[str, Any] = read_json(path)
    return noted


def _or_unavailable(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Note a runtime that is not here, or one that fails on the artifact, and go on."""
    try:
        return measure()
    except UnavailableError as error:
        return {"verdict": "unavailable", "reason": error.reason}
    except EdgekitError as error:
        return {"verdict": "fail", "failures": [str(error)], "reason": str(error)}
