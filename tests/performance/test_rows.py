from edgekit.performance.rows import rows
from edgekit.results.timing import Against
from tests.performance.conftest import BESIDE


def test_without_a_gate_the_row_is_the_latency(result):
    against = Against(name="x86-fp32", ratio=BESIDE, bootstrap=BESIDE.interval)
    paired = result.model_copy(update={"against": against})
    (alone,), (beside,) = rows(result), rows(paired)
    assert alone.change == "\u2014"
    assert beside.change == "-50.00% [-60.00%, -40.00%]"


def test_shares_and_amounts_are_written_with_their_units(gated):
    latency, size, auc = rows(gated)
    assert (latency.value, latency.limit) == ("1.100 ms", "3.0%")
    assert size.value == "1 bytes"
    assert (auc.value, auc.limit) == ("0.9900", "0.03")
