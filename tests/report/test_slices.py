from edgekit.report.slices import slice_matrix
from tests.report.conftest import typed


def test_every_model_meets_every_slice_and_unseen_ones_stand_last(results):
    matrix = slice_matrix(typed(results))
    names = [column.name for column in matrix.columns]
    assert names == ["nearest", "patch", "transposed", "unseen_shuffle"]
    assert [column.unseen for column in matrix.columns] == [False, False, False, True]
    assert len(matrix.rows) == 8
    assert all(len(cells) == 4 for _, cells in matrix.rows)


def test_a_model_without_slices_has_dashes(results):
    rows = dict(slice_matrix(typed(results)).rows)
    assert [text for text, _ in rows["iphone-fp16"]] == ["—"] * 4


def test_colour_deepens_towards_chance(results):
    results["detectors"][0]["slices"] = {"a": {"auc": 1.0}, "b": {"auc": 0.5}, "c": {"auc": 0.3}}
    rows = dict(slice_matrix(typed(results)).rows)
    shades = dict(rows["teacher"])
    assert (shades["1.0000"], shades["0.5000"], shades["0.3000"]) == (0.0, 1.0, 1.0)
