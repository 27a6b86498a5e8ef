from edgekit.bench.rows import rows


def test_without_a_gate_the_row_is_the_latency(result):
    against = {"name": "x86-fp32", "ratio": 0.5, "ci95": [0.4, 0.6]}
    (alone,), (beside,) = rows(result), rows({**result, "against": against})
    assert alone.change == "\u2014"
    assert beside.change == "-50.00% [-60.00%, -40.00%]"
