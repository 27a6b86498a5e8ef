"""The contract between a bundle and its app: is the bundle's Signature still the student's?

A mean that was edited, a threshold that was fixed before the last training, classes in another
order: the artifact may be right, and every app that follows its manifest decides wrongly.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.results.cause import Breach
from edgekit.signature import Signature


def breaches(bundle: Signature, student: Signature) -> list[Breach]:
    """Compare two Signatures value by value; figures are equal within their last digits."""
    ours, theirs = dict(_values(bundle)), dict(_values(student))
    names = list(dict.fromkeys([*theirs, *ours]))
    found = (Breach(field=name, bundle=ours.get(name), student=theirs.get(name)) for name in names)
    return [each for each in found if not _same(each.bundle, each.student)]


def as_app(data: Dataset, bundle: Signature, student: Signature) -> Dataset:
    """Return the student's samples, read as an app reads them that follows the bundle."""
    signature = student.model_copy(update={"inputs": bundle.inputs})
    return Dataset(data.folder, signature, data.samples, disturb=data.disturb)


def in_order(logits: NDArray[np.float32], bundle: Signature, student: Signature) -> Any:
    """Return logits, [N, C], as an app reads them, in the student's order of classes."""
    if logits.shape[1] != len(bundle.classes) or set(bundle.classes) != set(student.classes):
        return logits
    return logits[:, [bundle.classes.index(name) for name in student.classes]]


def _values(signature: Signature) -> Iterator[tuple[str, Any]]:
    whole: Mapping[str, Any] = signature.model_dump()
    yield "inputs", tuple(spec["name"] for spec in whole["inputs"])
    for spec in whole["inputs"]:
        rule = spec.pop("preprocessing") or {}
        for key, value in {**spec, **rule}.items():
            yield f"{spec['name']}.{key}", value
    for key in ("classes", "positive", "threshold", "output"):
        yield key, getattr(signature, key)


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, int | float | tuple) and isinstance(second, int | float | tuple):
        one, two = np.asarray(first), np.asarray(second)
        if one.shape == two.shape and one.dtype.kind in "if" and two.dtype.kind in "if":
            return bool(np.allclose(one, two, rtol=1e-6, atol=1e-9))
    return bool(first == second)
