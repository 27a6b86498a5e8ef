from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from edgekit.performance.trend import Entry, picture


@given(st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=40))
def test_every_history_can_be_drawn(times):
    entries = [
        Entry(
            time="2026-01-01T00:00:00+00:00",
            bundle="a <bundle>",
            device="local",
            evidence="host",
            p50_ms=ms,
            latency_ci95=(0.9 * ms, 1.1 * ms),
            verdict="pass",
        )
        for ms in times
    ]
    drawing = ElementTree.fromstring(picture(entries))
    assert len([part for part in drawing.iter() if part.tag.endswith("circle")]) == len(times)
