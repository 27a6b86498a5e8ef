"""The small networks are what they say: seeded, of their shapes, and traceable."""

import pytest
import torch

from edgekit.calibration.program import float_program
from tests.calibration.conftest import _detector
from tests.small_networks import BYTES, NETWORKS


@pytest.mark.parametrize("name", NETWORKS)
def test_a_seed_gives_one_network_whose_program_computes_the_same(name):
    make, shape = NETWORKS[name]
    model, image = make(3), torch.rand(shape) * (255 if name in BYTES else 1)
    with torch.no_grad():
        wanted = model(image)
        assert torch.equal(make(3)(image), wanted)
        assert not torch.equal(make(4)(image), wanted)
        got = float_program(_detector(model, shape)).module(check_guards=False)(image)
    torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-4)
