import pytest

from edgekit.devices.cores import Cost, core_named
from edgekit.performance.cycles import cycles

COST = Cost(source="a guide", limits="none", cycles={"dot": 0.5, "load": 2.0})


def test_every_class_takes_its_own_time():
    assert cycles({"dot": 10.0, "load": 3.0, "matrix": 0.0}, COST) == 11.0


def test_a_class_without_a_cost_leaves_nothing_to_say():
    assert cycles({"dot": 10.0, "matrix": 1.0}, COST) is None


def test_without_classes_or_figures_there_are_no_cycles():
    assert cycles(None, COST) is None
    assert cycles({"dot": 1.0}, core_named("cortex-a53").cost) is None


@pytest.mark.parametrize("name", ["cortex-a72", "cortex-a76"])
def test_integer_multiplications_take_one_pipe_where_there_are_two(name):
    cost = core_named(name).cost.cycles
    assert cost["multiply_integer"] == 2 * cost["vector"]
