import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgekit.decision import scores
from edgekit.detectors.outputs import ENOUGH, check_meaning
from edgekit.errors import InputError
from edgekit.signature import Input, Signature

LOGITS = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32) * 3
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
SCORES = PROBABILITIES[:, :1]
KINDS = {"logits": LOGITS, "probabilities": PROBABILITIES, "score": SCORES}


def signature(output, classes=3):
    names = tuple(f"c{index}" for index in range(classes))
    inputs = (Input(name="x", shape=(1, 2), layout="ANY"),)
    return Signature(inputs=inputs, classes=names, positive="c0", output=output)


@pytest.mark.parametrize("said", KINDS)
@pytest.mark.parametrize("found", KINDS)
def test_what_is_said_must_be_what_is_found(said, found):
    if said == found:
        check_meaning(KINDS[found], signature(said), "the detector")
        return
    with pytest.raises(InputError, match=f"no {said}, as its signature says") as refusal:
        check_meaning(KINDS[found], signature(said), "the detector")
    assert refusal.value.fix.startswith(f'Set output = "{found}"')


def test_a_few_lone_logits_may_lie_between_0_and_1():
    check_meaning(SCORES[: ENOUGH - 1], signature("logits"), "the detector")


def test_what_is_not_finite_is_not_judged():
    check_meaning(np.full((40, 3), np.nan, np.float32), signature("logits"), "the detector")


@given(arrays(np.float64, (6, 3), elements=st.floats(-30, 30)))
def test_the_same_probabilities_give_the_same_scores(logits):
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    wanted = scores(logits, signature("logits"))
    assert np.allclose(scores(shares, signature("probabilities")), wanted)
    assert np.allclose(scores(shares[:, :1], signature("score")), wanted)


def test_a_signature_of_logits_is_written_as_it_always_was():
    plain = signature("logits").to_json()
    assert "output" not in plain
    assert Signature.parse(plain, "a manifest").output == "logits"
    told = json.loads(json.dumps(signature("score").to_json()))
    assert told["output"] == "score"
    assert Signature.parse(told, "a manifest") == signature("score")
