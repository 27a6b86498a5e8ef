from typing import get_args

import pytest

from edgekit.calibration.methods import METHODS
from edgekit.calibration.operators import Group
from edgekit.calibration.scheme import SCHEMES, Scheme
from edgekit.errors import InputError
from edgekit.target import targets


def test_every_target_names_a_scheme():
    assert {target.scheme for target in targets().values()} <= set(SCHEMES)


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_schemes_name_methods_and_groups_that_exist(scheme):
    assert scheme.method in METHODS
    assert set(scheme.operators) | set(scheme.fused) <= set(get_args(Group))


def test_tensorrt_and_coreml_are_symmetric():
    assert SCHEMES["tensorrt"].symmetric
    assert SCHEMES["coreml"].symmetric


def test_symmetric_unsigned_activations_are_refused():
    table = {"activation": "uint8", "symmetric": True, "operators": ["linear"]}
    with pytest.raises(InputError, match="int8"):
        Scheme.parse(table, "a scheme")
