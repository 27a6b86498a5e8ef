import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from edgekit.verification.retrieval import retrieval_agreement


def embeddings(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)


def neighbours(rows, count):
    found = NearestNeighbors(n_neighbors=count + 1, metric="cosine").fit(rows)
    return found.kneighbors(rows, return_distance=False)[:, 1:]


@pytest.mark.parametrize("count", [40, 700])
def test_agreement_equals_another_implementation(count):
    before = embeddings(count)
    after = before + 0.3 * embeddings(count, 1)
    found = retrieval_agreement(before, after, 5)
    one, two = neighbours(before, 5), neighbours(after, 5)
    assert found.first == pytest.approx(np.mean(one[:, 0] == two[:, 0]))
    kept = [len(set(a) & set(b)) / 5 for a, b in zip(one, two, strict=True)]
    assert found.kept == pytest.approx(np.mean(kept))


def test_length_does_not_matter_and_direction_does():
    rows = embeddings(60)
    same = retrieval_agreement(rows, 7 * rows)
    assert (same.first, same.kept) == (1.0, 1.0)
    assert retrieval_agreement(rows, embeddings(60, 2)).kept < 0.5


def test_what_is_no_embedding_has_no_figure():
    rows = embeddings(20)
    assert retrieval_agreement(rows[:, :2], rows[:, :2]) is None
    assert retrieval_agreement(rows[:2], rows[:2]) is None
    assert retrieval_agreement(rows, rows * np.nan) is None
