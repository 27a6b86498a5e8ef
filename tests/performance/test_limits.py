import pytest

from edgekit.errors import InputError
from edgekit.performance.limits import KINDS, Limits, parse_limits


def test_one_percentage_is_for_latency_size_and_memory():
    limits = parse_limits(["3%"])
    assert (limits.latency, limits.size, limits.memory) == (0.03, 0.03, 0.03)
    assert limits.instructions == Limits().instructions


def test_a_figure_has_a_limit_of_its_own_and_the_later_wins():
    limits = parse_limits(["5%", "instructions=1%", "size=0.5%"])
    assert limits.instructions == pytest.approx(0.01)
    assert limits.size == pytest.approx(0.005)
    assert limits.latency == pytest.approx(0.05)


def test_every_figure_has_a_limit():
    assert set(Limits.model_fields) == set(KINDS)


@pytest.mark.parametrize("text", ["3", "x%", "-3%", "0%", "", "%", "latency=", "latency=3", "1e1%"])
def test_what_is_no_percentage_is_refused(text):
    with pytest.raises(InputError, match="no percentage above 0"):
        parse_limits([text])


def test_a_percentage_beyond_reason_is_refused():
    with pytest.raises(InputError, match="latency"):
        parse_limits(["2000%"])


def test_an_unknown_figure_is_refused():
    with pytest.raises(InputError, match="there is no figure 'colour'"):
        parse_limits(["colour=3%"])
