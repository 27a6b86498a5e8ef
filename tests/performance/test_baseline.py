import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.errors import InputError
from edgekit.performance.baseline import (
    baseline_of,
    read_baseline,
    refuse_other,
    refuse_other_bundle,
    refuse_other_processor,
    write_baseline,
)


@pytest.fixture
def path(bundles, result, tmp_path):
    path = tmp_path / "baseline.json"
    write_baseline(baseline_of(bundles.of("x86", "fp32"), result), path)
    return path


def test_a_baseline_comes_back_as_it_was_written(bundles, result, path):
    assert read_baseline(path) == baseline_of(bundles.of("x86", "fp32"), result)


def test_it_fits_what_it_was_made_of(bundles, path):
    baseline, bundle = read_baseline(path), bundles.of("x86", "fp32")
    refuse_other(baseline, path, bundle, "local", 1)
    refuse_other_bundle(baseline, path, bundle)
    refuse_other_processor(baseline, path, {"processor": "a processor"})


@pytest.mark.parametrize("key", ["target", "precision", "device", "threads", "pair_spread"])
def test_an_edited_baseline_is_refused(path, key):
    found = json.loads(path.read_text())
    found[key] = {"threads": 2, "pair_spread": 0.5, "precision": "int8"}.get(key, "else")
    path.write_text(json.dumps(found))
    with pytest.raises(InputError, match="was edited"):
        read_baseline(path)


@given(share=st.floats(0, 0.999))
def test_a_truncated_baseline_is_refused(path, share):
    text = path.read_text().rstrip()
    short = path.with_name("short.json")
    short.write_text(text[: int(share * len(text))])
    with pytest.raises(InputError, match="not readable JSON"):
        read_baseline(short)


@pytest.mark.parametrize(("text", "reason"), [("[]", "no baseline"), ("{}", "no baseline")])
def test_other_json_is_refused(path, text, reason):
    path.write_text(text)
    with pytest.raises(InputError, match=reason):
        read_baseline(path)


def test_another_format_is_refused(path):
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(InputError, match="has format 99, not 1"):
        read_baseline(path)


def test_a_missing_baseline_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_baseline(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("target", "precision", "device", "threads", "reason"),
    [
        ("android", "fp32", "local", 1, "target"),
        ("x86", "int8", "local", 1, "precision"),
        ("x86", "fp32", "emulated", 1, "device"),
        ("x86", "fp32", "local", 2, "threads"),
    ],
)
def test_a_baseline_of_something_else_is_refused(
    bundles, path, target, precision, device, threads, reason
):
    with pytest.raises(InputError, match=f"is of {reason}"):
        refuse_other(read_baseline(path), path, bundles.of(target, precision), device, threads)


def test_a_student_that_was_trained_anew_is_compared(bundles, path):
    other = read_baseline(path).model_copy(update={"detector_sha256": "1" * 64})
    refuse_other(other, path, bundles.of("x86", "fp32"), "local", 1)


def test_another_bundle_to_be_timed_beside_is_refused(bundles, path):
    with pytest.raises(InputError, match="is not the bundle that"):
        refuse_other_bundle(read_baseline(path), path, bundles.of("x86", "int8"))


def test_another_processor_is_refused(path):
    with pytest.raises(InputError, match="was measured on processor a processor, this is B"):
        refuse_other_processor(read_baseline(path), path, {"processor": "B"})
