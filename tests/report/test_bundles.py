import pytest

from edgekit.report.bundles import reasons_of, speed_of
from edgekit.results.measurement import Measurement
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verification
from edgekit.verdict import Verdict
from tests.report.conftest import timed, typed, verified

CAUSE = {"kind": "preprocessing", "what": "BGR", "advice": "give RGB", "foreign": False}


def verification(**changes):
    return Verification.from_json({**verified(0.95), **changes}, "verify.json")


def measurement(**changes):
    return Measurement.from_json({**timed(2.0), **changes}, "bench.json")


def test_a_pass_needs_no_reason():
    assert reasons_of(verification()) == []
    assert reasons_of(measurement()) == []


def test_every_way_to_say_why_is_read():
    assert reasons_of(verification(verdict="fail", failures=["a", "b"])) == ["a", "b"]
    assert reasons_of(measurement(verdict="fail", reasons=["slower"])) == ["slower"]
    assert reasons_of(measurement(verdict="inconclusive", reasons=["9 pairs"])) == ["9 pairs"]
    assert reasons_of(Unmeasured.unavailable("no Mac")) == ["no Mac"]
    assert reasons_of(Unmeasured.failure("it crashed")) == ["it crashed"]


@pytest.mark.parametrize("found", [measurement(verdict="fail"), verification(verdict="fail")])
def test_a_reason_that_is_missing_is_said_to_be(found):
    assert reasons_of(found) == ["fail without a reason on record"]


def test_the_cause_is_one_of_the_reasons():
    found = verification(verdict="fail", failures=["flips"], cause=CAUSE)
    assert reasons_of(found) == ["flips", "cause: BGR: give RGB"]


def test_a_verdict_with_plain_kernels_is_one_of_the_reasons():
    first, second = reasons_of(verification(verdict="inconclusive", failures=["a"], plain="pass"))
    assert first == "a"
    assert second.endswith("with plain ones the verdict is pass")


def test_what_is_undecided_says_what_would_decide_it():
    found = verification(verdict="inconclusive", images_to_decide=2400)
    assert reasons_of(found)[0].endswith("about 2,400 images would decide")
    assert reasons_of(verification(verdict="inconclusive")) == [
        "an interval reaches across its budget"
    ]


def test_a_run_that_crashed_while_it_was_timed_stays_a_failure(results):
    """It has no figures and no evidence; that is no reason to withhold why it failed."""
    crashed = "it crashed with SIGSEGV"
    results["bundles"][1]["bench"] = {"verdict": "fail", "failures": [crashed], "reason": crashed}
    found = speed_of(typed(results).bundles[1])
    assert (found.verdict, reasons_of(found)) == (Verdict.FAIL, [crashed])
