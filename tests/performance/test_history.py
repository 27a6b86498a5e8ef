from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.errors import InputError
from edgekit.performance import history
from edgekit.performance.history import Entry, picture


def test_a_history_grows_by_a_line_and_is_drawn(result, tmp_path):
    path = tmp_path / "history.jsonl"
    for _ in range(3):
        history.append(result, path)
    assert len(history.read(path)) == 3
    drawing = ElementTree.fromstring(path.with_suffix(".svg").read_text())
    assert len([part for part in drawing.iter() if part.tag.endswith("circle")]) == 3


@pytest.mark.parametrize("text", ["{", "[]", '{"bundle": "x"}', "3"])
def test_a_damaged_history_is_refused_and_stays(result, tmp_path, text):
    path = tmp_path / "history.jsonl"
    path.write_text(text + "\n")
    with pytest.raises(InputError, match="line 1 is no entry"):
        history.append(result, path)
    assert path.read_text() == text + "\n"


def test_what_an_older_edgekit_wrote_stays_as_it_is(result, tmp_path):
    path = tmp_path / "history.jsonl"
    old = (
        '{"time": "2026-01-01T00:00:00+00:00", "bundle": "x86-fp32", "device": "local", '
        '"evidence": "host", "verdict": "pass", "p50_ms": 2, "latency_ci95": [1.9, 2.1], "a": 1}'
    )
    path.write_text(old)  # its last line has no end
    history.append(result, path)
    first, second = path.read_text().splitlines()
    assert first == old
    assert '"latency_ci95": [' in second
    assert [entry.bundle for entry in history.read(path)] == ["x86-fp32", "x86-fp32"]


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
