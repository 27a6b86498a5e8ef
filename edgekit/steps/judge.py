"""Verify and bench bundles of the project."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgekit.errors import EdgekitError, UnavailableError
from edgekit.export.manifest import read_manifest
from edgekit.export.target import target_named
from edgekit.files import read_json, write_json
from edgekit.steps import data, detectors, export
from edgekit.steps.workspace import Workspace, code_sha256


def verify(space: Workspace, bundle: Path, device: str = "local") -> dict[str, Any]:
    """Verify a bundle against the project's student on its test set; see `verify_bundle`."""
    from edgekit.verify.verify import refuse_other_student, verify_bundle

    manifest = read_manifest(bundle)
    data.refuse_leaks(space)
    refuse_other_student(manifest, bundle, detectors.student_sha256(space))
    samples = data.split(space, "test", manifest.signature)
    reference = detectors.test_logits(space, "student")
    budget = space.project.settings.budget
    return verify_bundle(bundle, reference, samples, budget, device, space.reporter.advance)


def bench(space: Workspace, bundle: Path, device: str = "local") -> dict[str, Any]:
    """Time a bundle against the fp32 one of the same target; see `bench_bundle`."""
    from edgekit.bench.bench import bench_bundle

    manifest = read_manifest(bundle)
    against = None
    if manifest.precision != "fp32" and "fp32" in target_named(manifest.target).precisions:
        against = export.export(space, manifest.target, "fp32")
    return bench_bundle(
        bundle, against, space.project.settings.bench, device, space.reporter.advance
    )


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
