"""What limits an artifact, on arithmetic and on a network small enough to count by hand."""

import torch
from torch import nn

from benchmarks.limits import multiply_adds, shares, table
from edgekit.detectors.detector import Detector
from edgekit.search.profilers.kernel import Kernel
from edgekit.signature import Input, Signature


def test_multiply_adds_are_those_of_weights_and_products():
    inputs = (Input(name="x", shape=(1, 3, 8, 8), layout="ANY"),)
    signature = Signature(inputs=inputs, classes=("a", "b"), positive="b")
    model = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.Flatten(), nn.Linear(320, 2))
    with torch.inference_mode():
        assert multiply_adds(Detector(model.eval(), signature, {})) == 64 * 5 * 27 + 640


def test_kinds_of_kernel_share_the_time_the_largest_first():
    profile = [Kernel("a", 1.0), Kernel("b", 5.0), Kernel("a", 2.0)]
    assert shares(profile) == {"b": 5 / 8, "a": 3 / 8}
    assert shares([]) == {}


def test_the_table_names_peak_share_and_kernels():
    about = {
        "macs": 2e8,
        "gmacs_per_s": 50.0,
        "peak": {"fp32": 25.0, "int8": 100.0},
        "share_of_int8_peak": 0.5,
        "kernels": {"Add": 0.25, "Conv": 0.75},
    }
    record = {"students": {"small": {"limits": {"litert": about}}, "failed": {"error": "?"}}}
    assert "| small | LiteRT | 200 | 50 | 25 | 100 | 50% | Conv 75%, Add 25% |" in table(record)
