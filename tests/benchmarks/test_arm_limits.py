from benchmarks.arm_limits import by_kind, table
from edgekit.results.operators import Operator


def operator(place, kind, cycles):
    return Operator(place=place, kind=kind, instructions=1, classes={}, cycles=cycles, share=0.1)


def test_operators_of_a_kind_are_one_line_and_the_dearest_comes_first():
    found = by_kind([operator(0, "add", 1e6), operator(1, "dot", 6e6), operator(2, "add", 1e6)])
    assert [(each["kind"], each["cycles"], each["operators"]) for each in found] == [
        ("dot", 6e6, 1),
        ("add", 2e6, 2),
    ]
    record = {"students": {"small": {"operators": {"cortex-a76": {"cycles": 8e6, "kinds": found}}}}}
    assert table(record).endswith("| small | Cortex-A76 | 8.0 | dot 75%, add 25% |\n")
