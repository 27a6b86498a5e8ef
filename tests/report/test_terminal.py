import io

from rich.console import Console

from edgekit.report.terminal import table
from tests.report.conftest import typed


def drawn(results, width=80):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(table(typed(results)))
    return console.export_text()


def test_table_fits_eighty_columns_and_keeps_the_verdicts_whole(results):
    text = drawn(results)
    assert max(map(len, text.splitlines())) <= 80
    assert "inconclusive" in text
    assert "not judged" in text


def test_reasons_stand_below_the_table(results):
    assert "Decisions: TensorRT needs an NVIDIA GPU" in drawn(results, 120)


def test_names_are_not_read_as_markup(results):
    results["bundles"][0]["target"] = "[red]x"
    assert "[red]x-fp32" in drawn(results, 120)


def test_a_verdict_that_failed_points_to_its_reason(results):
    slow = "ratio 1.355 [1.327, 1.384], budget 1: slower"
    results["bundles"][1]["bench"] |= {"verdict": "fail", "reasons": [slow]}
    assert f"Speed: {slow}" in drawn(results, 120)


def test_a_detector_whose_weights_are_in_no_file_has_no_size_and_the_reason(results):
    results["detectors"][0]["size_bytes"] = None
    text = drawn(results, 120)
    assert "Size: the weights are in no file of the project" in text
    assert "0 B" not in text
