import pytest
import torch
from torch import nn

from edgekit.calibration.histogram import Histogram
from edgekit.calibration.operators import pairs
from edgekit.calibration.program import float_program
from edgekit.calibration.quantize import quantize
from edgekit.calibration.ranges import Ranges
from edgekit.calibration.scheme import SCHEMES
from edgekit.errors import InputError

QUANTIZE = pairs.quantize_per_tensor.default
RESTORE = pairs.dequantize_per_tensor.default


@pytest.fixture(scope="module")
def quantized(program, ranges):
    return {name: quantize(program, ranges, scheme) for name, scheme in SCHEMES.items()}


def calls(program, target):
    return [node for node in program.graph.nodes if node.target == target]


@pytest.mark.parametrize("name", SCHEMES)
def test_the_quantized_program_still_says_nearly_the_same(
    name, quantized, program, data, run_program
):
    _, (images,) = next(data.batches(4, [0, 1, 8, 9]))
    wanted, got = [], []
    for image in images:
        sample = torch.from_numpy(image[None])
        wanted.append(run_program(program, sample))
        got.append(run_program(quantized[name], sample))
    wanted, got = torch.cat(wanted), torch.cat(got)
    spread = float(wanted.max() - wanted.min())
    assert float((got - wanted).abs().max()) < 0.25 * spread
    assert not torch.equal(got, wanted)


@pytest.mark.parametrize("name", [name for name in SCHEMES if SCHEMES[name].symmetric])
def test_symmetric_schemes_have_no_zero_point(name, quantized):
    assert {node.args[2] for node in calls(quantized[name], QUANTIZE)} == {0}


@pytest.mark.parametrize("name", SCHEMES)
def test_convolutions_read_integers_on_both_sides(name, quantized):
    convolutions = calls(quantized[name], torch.ops.aten.conv2d.default)
    assert convolutions
    for node in convolutions:
        assert node.args[0].target == RESTORE
        assert node.args[1].target == pairs.dequantize_per_channel.default


@pytest.mark.parametrize("name", SCHEMES)
def test_the_last_layer_stays_float(name, quantized):
    (head,) = calls(quantized[name], torch.ops.aten.linear.default)
    assert head.args[1].op == "placeholder"


def test_no_pair_stands_between_a_convolution_and_the_relu_that_is_fused(quantized):
    for node in calls(quantized["onnxruntime"], torch.ops.aten.relu.default):
        assert node.args[0].target != RESTORE


def test_moving_operators_keep_their_inputs_scale(quantized):
    moves = calls(quantized["tflite"], torch.ops.aten.flatten.using_ints)
    moves += calls(quantized["tflite"], torch.ops.aten.view.default)
    checked = 0
    for node in moves:
        after = [user for user in node.users if user.target == QUANTIZE]
        if after and node.args[0].target == RESTORE:
            assert after[0].args[1:3] == node.args[0].args[1:3]
            checked += 1
    assert checked or not moves


def test_ranges_of_another_program_are_refused(program):
    histogram = Histogram()
    histogram.add(torch.ones(3).numpy())
    with pytest.raises(InputError, match="another program"):
        quantize(program, Ranges({"elsewhere": histogram}, 1, ""), SCHEMES["tensorrt"])


def test_the_float_program_stays_as_it_is(program, quantized):
    assert not calls(program, QUANTIZE)


class Arithmetic(nn.Module):
    """Whole numbers are computed beside the floats, and must not be quantized."""

    def __init__(self):
        super().__init__()
        self.table, self.head = nn.Embedding(9, 4), nn.Linear(4, 2)

    def forward(self, values):
        rows = torch.arange(4) + torch.ones(4, dtype=torch.int64)
        return self.head(values + self.table(rows).mean(0))


def test_additions_of_whole_numbers_are_left_alone(detector_of, observed, run_program):
    torch.manual_seed(0)
    detector = detector_of(Arithmetic(), (1, 4))
    program, samples = float_program(detector), torch.randn(32, 1, 4)
    ranges = observed(detector, program, samples)
    quantized = quantize(program, ranges, SCHEMES["tensorrt"])
    assert worst(run_program, quantized, program, samples) < 0.15


def worst(run, first, second, samples):
    return max(float((run(first, s) - run(second, s)).abs().max()) for s in samples)


class InPlace(nn.Module):
    """A block that writes into its own tensors, as many networks do."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, values):
        seen = self.first(values)
        kept = seen.relu_()
        seen = self.second(seen)
        seen += kept
        return self.head(torch.nn.functional.hardtanh_(seen, -3, 3) + kept)


@pytest.mark.parametrize("name", SCHEMES)
def test_blocks_that_work_in_place(name, detector_of, observed, run_program):
    torch.manual_seed(0)
    detector = detector_of(InPlace(), (1, 4))
    program, samples = float_program(detector), torch.randn(32, 1, 4)
    quantized = quantize(program, observed(detector, program, samples), SCHEMES[name])
    assert worst(run_program, quantized, program, samples) < 0.15


class Joined(nn.Module):
    """What is concatenated goes through an activation function that runtimes fuse."""

    def __init__(self, shared):
        super().__init__()
        self.left, self.right = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)
        self.head, self.shared = nn.Conv2d(8, 4, 1), shared
        self.last = nn.Conv2d(4, 2, 1)

    def forward(self, image):
        left, right = self.left(image), self.right(image)
        seen = self.head(torch.relu(torch.cat([left, right], 1)))
        return self.last(seen + self.left(left) if self.shared else seen)


def joined(shared, detector_of, observed):
    torch.manual_seed(0)
    detector = detector_of(Joined(shared), (1, 4, 2, 2))
    program, samples = float_program(detector), torch.randn(32, 1, 4, 2, 2)
    ranges = observed(detector, program, samples)
    return program, quantize(program, ranges, SCHEMES["onnxruntime"]), samples


@pytest.mark.parametrize("shared", [True, False])
def test_a_concatenation_may_be_followed_by_a_fused_function(
    shared, detector_of, observed, run_program
):
    program, quantized, samples = joined(shared, detector_of, observed)
    (concat,) = calls(quantized, torch.ops.aten.cat.default)
    relu = next(iter(concat.users))
    (after,) = relu.users
    assert after.target == QUANTIZE
    left, right = (source.args[1:3] for source in concat.args[0])
    assert right == after.args[1:3]
    assert (left == right) is not shared  # its negative values have another reader
    assert worst(run_program, quantized, program, samples) < 0.1


class LargeBlock(nn.Module):
    """A convolution with a multiplier that a Scheme rewrites, so tensors appear without ranges."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 1)
        self.mix = nn.Conv2d(4, 8, 7, padding=3, groups=4)
        self.head, self.last = nn.Conv2d(8, 4, 1), nn.Conv2d(4, 2, 1)

    def forward(self, image):
        return self.last(self.head(torch.relu(self.mix(self.stem(image)))))


@pytest.mark.parametrize("name", SCHEMES)
def test_rewritten_places_are_quantized_with_the_ranges_of_the_float_program(
    name, detector_of, observed, run_program
):
    torch.manual_seed(0)
    detector = detector_of(LargeBlock(), (1, 3, 8, 8))
    program, samples = float_program(detector), torch.randn(16, 1, 3, 8, 8)
    quantized = quantize(program, observed(detector, program, samples), SCHEMES[name])
    parts = {"onnxruntime": 2, "onnxruntime_vnni": 2, "tflite": 6}.get(name, 1)
    assert len(calls(quantized, torch.ops.aten.conv2d.default)) == 3 + parts
    assert worst(run_program, quantized, program, samples) < 0.05


@pytest.mark.parametrize("name", SCHEMES)
def test_the_last_layer_stays_float_where_only_its_shape_changes_after_it(
    name, detector_of, observed
):
    layers = nn.Linear(4, 4), nn.GELU(), nn.Linear(4, 2), nn.Flatten()
    detector = detector_of(nn.Sequential(*layers), (1, 3, 4))
    program, samples = float_program(detector), torch.randn(4, 1, 3, 4)
    quantized = quantize(program, observed(detector, program, samples), SCHEMES[name])
    first, last = calls(quantized, torch.ops.aten.linear.default)
    assert first.args[1].op == "call_function"
    assert last.args[1].op == "placeholder"
