"""Inputs for runs on devices."""

import numpy as np
import pytest

from edgekit.devices import counting
from edgekit.errors import UnavailableError


@pytest.fixture(scope="session")
def golden(bundles):
    images = np.load(bundles.of("x86", "fp32") / "golden" / "inputs" / "image.npy")
    return {"image": images}


@pytest.fixture(scope="session")
def armed():
    """A qemu that counts, once its plugin is built; not here where something for it is missing."""
    try:
        counting.plugin()
    except UnavailableError as error:
        pytest.skip(str(error))
    return counting.loading_qemu()
