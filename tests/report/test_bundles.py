from edgekit.report.bundles import reasons_of, speed_of


def test_a_pass_needs_no_reason():
    assert reasons_of({"verdict": "pass", "failures": [], "reasons": []}) == []


def test_every_way_to_say_why_is_read():
    assert reasons_of({"verdict": "fail", "failures": ["a", "b"]}) == ["a", "b"]
    assert reasons_of({"verdict": "fail", "reasons": ["slower"]}) == ["slower"]
    assert reasons_of({"verdict": "unavailable", "reason": "no Mac"}) == ["no Mac"]
    crashed = {"verdict": "fail", "failures": ["it crashed"], "reason": "it crashed"}
    assert reasons_of(crashed) == ["it crashed"]


def test_the_cause_is_one_of_the_reasons():
    cause = {"what": "BGR", "advice": "give RGB"}
    found = {"verdict": "fail", "failures": ["flips"], "cause": cause}
    assert reasons_of(found) == ["flips", "cause: BGR: give RGB"]


def test_what_is_undecided_says_what_would_decide_it():
    found = {"verdict": "inconclusive", "failures": [], "images_to_decide": 2400}
    assert reasons_of(found)[0].endswith("about 2,400 images would decide")
    assert reasons_of({"verdict": "inconclusive", "reasons": ["9 pairs"]}) == ["9 pairs"]
    assert "across its budget" in reasons_of({"verdict": "inconclusive", "failures": []})[0]


def test_a_run_that_crashed_while_it_was_timed_stays_a_failure(results):
    """It has no figures and no evidence; that is no reason to withhold why it failed."""
    results["bundles"][1]["bench"] = {"verdict": "fail", "failures": ["it crashed with SIGSEGV"]}
    found = speed_of(results["bundles"][1])
    assert (found["verdict"], reasons_of(found)) == ("fail", ["it crashed with SIGSEGV"])
