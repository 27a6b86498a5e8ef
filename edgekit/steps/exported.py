"""What an export came to: a bundle, or why there is none."""

from pathlib import Path

from edgekit.errors import EdgekitError
from edgekit.manifest import read_manifest
from edgekit.results.project import ExportResult
from edgekit.steps import search
from edgekit.steps.export import asked
from edgekit.steps.workspace import Workspace
from edgekit.target import target_named


def refused(
    space: Workspace, name: str, precision: str | None, error: EdgekitError
) -> ExportResult:
    """Describe a target without a bundle, as `row` does one with it.

    Args:
        space: the project's workspace.
        name: the Target's name.
        precision: as in `export`.
        error: why there is none.
    """
    target = target_named(name)
    return ExportResult(
        target=name,
        runtime=target.runtime,
        precision=asked(space, name, precision) or target.precision,
        path=None,
        size_bytes=None,
        evidence=None,
        error=str(error),
        exit_code=error.exit_code,
    )


def row(space: Workspace, folder: Path) -> ExportResult:
    """Describe a bundle."""
    manifest = read_manifest(folder)
    return ExportResult(
        target=manifest.target,
        runtime=manifest.runtime,
        precision=manifest.precision,
        path=str(folder),
        size_bytes=manifest.size_bytes,
        evidence=manifest.evidence,
        notes=manifest.notes,
        search=search.row(space, manifest.target) if manifest.precision == "auto" else None,
    )
