import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.drawing.axis import Axis, latency_axis, score_axis
from edgekit.drawing.labels import place_labels
from edgekit.evidence import Evidence
from edgekit.report.plot import scatter
from edgekit.report.points import Point, sort_out
from edgekit.verdict import Verdict
from tests.report.conftest import typed

TIMES = st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=20)


@given(values=TIMES)
def test_latencies_keep_their_order_inside_the_axis(values):
    axis = latency_axis(values, 10, 700)
    places = [axis.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert places[0] >= 10
    assert places[-1] <= 700
    assert all(10 <= axis.place(value) <= 700.001 for value, _ in axis.ticks())


@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_scores_stand_inside_the_axis_and_ticks_differ_as_written(values):
    axis = score_axis(values, 300, 10)
    assert all(10 <= axis.place(value) <= 300 for value in values)
    written = [text for _, text in axis.ticks()]
    assert len(written) >= 2
    assert len(set(written)) == len(written)


def test_axis_is_logarithmic_only_where_times_span_much():
    assert not latency_axis([5, 20], 0, 1).logarithmic
    assert latency_axis([1, 100], 0, 1).logarithmic
    assert Axis(1, 100, 0, 1, logarithmic=True).place(10) == pytest.approx(0.5)


def test_only_times_of_the_targets_runtime_are_points(results):
    points, absent = sort_out(typed(results).bundles)
    assert [point.name for point in points] == ["x86-fp32", "x86-int8"]
    emulated = "raspberry-pi-int8"
    assert {name for name, _ in absent} == {"android-int8", "iphone-fp16", "jetson-int8", emulated}
    assert all(reason for _, reason in absent)


def test_a_point_shows_the_weaker_of_its_two_evidences(results):
    results["bundles"][1]["bench"]["evidence"] = "device"
    results["bundles"][1]["verify"]["evidence"] = "reference"
    assert sort_out(typed(results).bundles)[0][1].evidence == "reference"


def test_interval_is_drawn_around_the_reference(results):
    point = sort_out(typed(results).bundles)[0][1]
    assert point.interval == pytest.approx((0.9465, 0.9545))


def test_markers_differ_by_evidence_and_captions_name_what_did_not_pass():
    points = [
        Point(word, 5.0 + index, 0.9, (0.89, 0.91), word, Verdict.PASS if index else Verdict.FAIL)
        for index, word in enumerate(reversed(Evidence))
    ]
    drawing = scatter(points, 0.9)
    assert len(set(re.findall(r'class="marker \w+" d="([^"]+)"', drawing))) == len(Evidence)
    assert ">device (fail)<" in drawing
    assert ">host<" in drawing


@pytest.mark.parametrize("interval", [(0.9, 0.9), (0.5, 1.0)])
def test_one_point_is_enough(interval):
    assert "NaN" not in scatter([Point("a", 5.0, 0.9, interval, Evidence.HOST, Verdict.PASS)], None)


def test_names_of_neighbours_do_not_cover_each_other():
    places = [(100.0, 100.0), (104.0, 103.0), (108.0, 98.0)]
    labels = place_labels(["x86-int8"] * 3, places, (0, 0, 400, 300))
    heights = [(x, y) for x, y, _ in labels]
    assert len(set(heights)) == 3


def test_names_stay_inside_the_frame():
    ((x, _, anchor),) = place_labels(["a-long-name"], [(395.0, 50.0)], (0, 0, 400, 300))
    assert anchor == "end"
    assert x < 395
