import numpy as np
import pytest

from edgekit.verification.causes.labels import find_labels


@pytest.mark.parametrize("count", [2, 3, 12])
def test_another_order_is_found_and_said(count):
    random = np.random.default_rng(count)
    reference = random.normal(size=(40, count)).astype(np.float32)
    order = np.roll(np.arange(count), 1)
    noise = 0.05 * random.normal(size=reference.shape).astype(np.float32)
    names = [f"class{place}" for place in range(count)]
    found = find_labels(reference, (reference + noise)[:, order], names)
    assert found is not None
    assert found.kind == "labels"
    assert found.what.endswith(", ".join(names[place] for place in order))


def test_what_is_in_order_or_fits_no_order_has_no_such_cause():
    random = np.random.default_rng(0)
    reference = random.normal(size=(40, 3)).astype(np.float32)
    names = ["a", "b", "c"]
    assert find_labels(reference, reference + 0.3, names) is None
    assert find_labels(reference, random.normal(size=(40, 3)).astype(np.float32), names) is None
    assert find_labels(reference, np.full((40, 3), np.nan, np.float32), names) is None
