"""A real bundle through a real ssh server."""

import numpy as np
import pytest

from edgekit.devices import local


@pytest.mark.parametrize("target", ["x86", "android"])
def test_a_board_gives_what_this_machine_gives(server, bundles, golden, target):
    bundle = bundles.of(target, "int8")
    there = server.device()(bundle, golden, runs=2, warmup=1, threads=1)
    here = local.run(bundle, golden)
    np.testing.assert_array_equal(there.logits, here.logits)
    assert len(there.times_ms) == 2
