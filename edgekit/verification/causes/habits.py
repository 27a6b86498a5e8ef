"""An artifact that expects another input: BGR, another mean, another layout."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.results.cause import Cause
from edgekit.signature import Input
from edgekit.verification.causes.cause import GAIN_DB, explains
from edgekit.verification.preprocessing import deviations
from edgekit.verification.tensors import sqnr

Arrays = Mapping[str, NDArray[np.float32]]
Logits = NDArray[np.float32]
RunArtifact = Callable[[Arrays], Logits]


def find_habit(
    specs: Sequence[Input],
    images: Mapping[str, Sequence[Any]],
    inputs: Arrays,
    reference: NDArray[np.float32],
    run: RunArtifact,
) -> Cause | None:
    """Find the way of preprocessing with which the artifact decides as the student does.

    Args:
        specs: the inputs, as the bundle says.
        images: decoded samples, by input made from pictures.
        inputs: the same samples as arrays, float32 [N, ...], by input.
        reference: the student's logits, [N, C].
        run: from arrays to the artifact's logits.
    """
    plain, known = run(inputs), []
    for spec in specs:
        if spec.preprocessing is None:
            continue
        for each in deviations(spec.preprocessing):
            array = np.concatenate([each.read(image) for image in images[spec.name]])
            logits = run({**inputs, spec.name: array})
            if _closer(reference, logits, plain):
                known.append((sqnr(reference, logits), each))
    if not known:
        return None
    _, deviation = max(known, key=lambda item: item[0])
    return Cause(
        kind="preprocessing",
        what=f"it expects another {deviation.step}: {deviation.name}",
        advice="export it again from the student with its own preprocessing",
    )


def _closer(reference: Logits, logits: Logits, before: Logits) -> bool:
    """Tell whether logits are the student's where those of before were not.

    On the samples together and on the one in the middle: where a student hardly sees colours, one
    sample whose rounding happens to be less in BGR would outweigh all others.
    """
    if not explains(sqnr(reference, logits), sqnr(reference, before)):
        return False
    rows = zip(reference, logits, before, strict=True)
    gains = [sqnr(row, one) - sqnr(row, other) for row, one, other in rows]
    return float(np.median(gains)) >= GAIN_DB
