"""What a project came to: everything that the report shows, `report/results.json`."""

from typing import ClassVar

from edgekit.evidence import Evidence
from edgekit.machine import Machine
from edgekit.record import Record
from edgekit.results.matrix import Matrix
from edgekit.results.measurement import Measured
from edgekit.results.search import SearchResult
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verified
from edgekit.survey import Survey


class ExportResult(Record):
    """A target's bundle, or why there is none.

    Attributes:
        target: the Target's name.
        runtime: what builds it.
        precision: what was asked for.
        path: the bundle's folder; None where it was refused.
        size_bytes: of the artifact.
        evidence: the strongest that the export itself earned.
        notes: what a reader should know.
        search: what the search came to, for precision `auto`.
        error: why it was refused.
        exit_code: what a command ends with then.
    """

    OPTIONAL: ClassVar = frozenset({"search", "error", "exit_code"})

    target: str
    runtime: str
    precision: str
    path: str | None
    size_bytes: int | None
    evidence: Evidence | None
    notes: tuple[str, ...] = ()
    search: SearchResult | None = None
    error: str | None = None
    exit_code: int | None = None

    @property
    def name(self) -> str:
        """What the bundle is called: its target and precision."""
        return f"{self.target}-{self.precision}"


class BundleResult(ExportResult):
    """A target's bundle with what verify and bench said of it.

    Attributes:
        verify: on its decisions.
        bench: on its speed.
        robustness: AUC under disturbances, where that was looked at.
    """

    OPTIONAL: ClassVar = ExportResult.OPTIONAL | {"robustness"}

    verify: Verified
    bench: Measured
    robustness: Matrix | None = None


class DetectorResult(Record):
    """A float Detector on the test images.

    Attributes:
        name: `teacher`, `student` or `detector`.
        metrics: by name out of `METRICS`, at its own frozen threshold.
        slices: the same by slice.
        size_bytes: of the files with its weights; None where they are in no file of the project.
    """

    name: str
    metrics: dict[str, float | None]
    slices: dict[str, dict[str, float | None]]
    size_bytes: int | None


class SplitResult(Record):
    """One split of the data.

    Attributes:
        images: how many samples.
        sha256: of what they are.
        files: which of its files are none; None where nobody looked.
    """

    OPTIONAL: ClassVar = frozenset({"files"})

    images: int
    sha256: str
    files: Survey | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know about its files."""
        return self.files.notes if self.files else ()


class ProjectResult(Record):
    """What a project came to: what `edgekit run` says.

    Attributes:
        project: its name.
        edgekit: version.
        made: UTC time.
        machine: where.
        data: by name of the split.
        detectors: teacher and student, or the one detector.
        bundles: in the order of the project's targets.
    """

    project: str
    edgekit: str
    made: str
    machine: Machine
    data: dict[str, SplitResult]
    detectors: tuple[DetectorResult, ...]
    bundles: tuple[BundleResult, ...]


def not_built(reason: str) -> Unmeasured:
    """What verify and bench say where there is no bundle."""
    return Unmeasured.unavailable(f"not built: {reason}")
