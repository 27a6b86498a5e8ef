import pytest
import torch
from torch import nn

from edgekit.calibration.corrections.walk import walk
from edgekit.calibration.program import float_program, unlift
from edgekit.calibration.quantize import quantize
from edgekit.calibration.scheme import SCHEMES


class Case:
    """A small network as a Program, samples for it, and its quantized copy."""

    def __init__(self, detector, samples, observed, scheme):
        self.detector, self.samples, self.scheme = detector, samples, scheme
        self.program = float_program(detector)
        self._observed = observed
        self.ranges = self.observe(self.program)

    def observe(self, program):
        return self._observed(self.detector, program, [sample[0] for sample in self.samples])

    def quantize(self, program, folded=True):
        return quantize(program, self.ranges, self.scheme, folded)

    def outputs(self, program):
        with torch.no_grad():
            return torch.cat(walk(unlift(program), self.samples))

    def sqnr(self, program):
        """Power of the float logits over that of the error of `program`, dB."""
        wanted = self.outputs(self.program)
        error = self.outputs(program) - wanted
        return float(10 * torch.log10(wanted.square().sum() / error.square().sum()))


@pytest.fixture
def case_of(detector_of, observed):
    def make(model, samples, **scheme):
        detector = detector_of(model, tuple(samples[0].shape))
        chosen = SCHEMES["onnxruntime_vnni"].model_copy(update=scheme)
        return Case(detector, [(sample,) for sample in samples], observed, chosen)

    return make


@pytest.fixture(scope="session")
def traced():
    """Trace a module into a graph that may be edited."""

    def trace(model, sample):
        return unlift(torch.export.export(model.eval(), (sample,)))

    return trace


@pytest.fixture(scope="session")
def images():
    def make(count, side=8, channels=3, seed=0):
        random = torch.Generator().manual_seed(seed)
        return list(torch.randn(count, 1, channels, side, side, generator=random))

    return make


@pytest.fixture(scope="session")
def skewed():
    """Make a network whose weights all lie just below the middle between two integers.

    Rounding takes them all down; with inputs that are positive every mean sinks.
    """

    def make(bias):
        torch.manual_seed(0)
        first, second = nn.Conv2d(3, 8, 3, bias=bias), nn.Conv2d(8, 8, 3, bias=bias)
        with torch.no_grad():
            for layer in (first, second):
                whole = torch.randint(-20, 40, layer.weight.shape) + 0.45
                whole[:, 0, 0, 0] = 127
                layer.weight.copy_(whole / 1270)
        layers = [first, nn.ReLU(), second, nn.ReLU(), nn.Flatten(), nn.Linear(128, 2)]
        return nn.Sequential(*layers).eval()

    return make
