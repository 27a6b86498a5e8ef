"""A student with what its artifacts are judged by."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.detectors.score import score
from edgekit.errors import EdgekitError
from edgekit.exporters.student import Student
from edgekit.verification.parity import Budget
from edgekit.verification.verify import explained, verify_bundle

Json = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """A student with the images that its artifacts are judged on."""

    student: Student
    samples: Dataset
    budget: Budget

    @cached_property
    def reference(self) -> NDArray[np.float32]:
        """The student's logits."""
        return score(self.student.detector, self.samples)

    def verify(self, bundle: Path) -> Json:
        """Judge as `edgekit verify --layers` does; what the runtime refuses fails as well."""
        signature = self.student.detector.signature
        try:
            found = verify_bundle(
                bundle, self.reference, self.samples, self.budget, student=signature
            )
            return explained(bundle, self.student, found).to_json()
        except EdgekitError as error:
            return {"verdict": "fail", "cause": {"kind": "refused", "what": str(error)}}
