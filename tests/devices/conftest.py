"""Inputs for runs on devices."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def golden(bundles):
    images = np.load(bundles.of("x86", "fp32") / "golden" / "inputs" / "image.npy")
    return {"image": images}
