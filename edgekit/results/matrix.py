"""AUC by disturbance and slice."""

from typing import ClassVar

from edgekit.evidence import Evidence
from edgekit.record import Record
from edgekit.settings import Json
from edgekit.verdict import Verdict

ALL = "all"  # the cell of every slice together


class Cell(Record):
    """AUC under one disturbance on one slice; all slices together have a verdict as well."""

    OPTIONAL: ClassVar = frozenset({"verdict", "evidence"})

    reference: float | None
    artifact: float | None
    verdict: Verdict | None = None
    evidence: Evidence | None = None


# By disturbance and slice: `none` first, and `all` first in each.
Matrix = dict[str, dict[str, Cell]]


class NotedMatrix(Record):
    """A Matrix on the disk, and the settings of the Device that it was measured on."""

    device: Json
    matrix: Matrix
