"""Neither the order of samples nor their split among workers leaves a trace."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from edgekit.calibration.collect import collect
from edgekit.calibration.tally import Counter, Tally
from edgekit.calibration.watch import Watched

SAMPLES = 12


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3, bias=False)
        self.head = nn.Linear(5, 2)

    def forward(self, image):
        return self.head(torch.relu(self.conv(image)).mean((2, 3)))


@pytest.fixture(scope="module")
def watched():
    torch.manual_seed(0)
    example = (torch.zeros(1, 3, 33, 33),)
    return Watched(torch.export.export(Network().eval(), example))


@pytest.fixture(scope="module")
def images():
    random = np.random.default_rng(0)
    # Sizes that differ wildly make exponents grow, at another time in another order.
    scales = 10.0 ** random.uniform(-3, 5, SAMPLES)
    images = random.normal(size=(SAMPLES, 1, 3, 33, 33)) * scales[:, None, None, None, None]
    return images.astype(np.float32)


def share(watched, images, indices):
    counter = Counter(watched.scratch)
    with torch.inference_mode():
        for index in indices:
            watched.see((images[index],))
            counter.take(early=index % 4 != 0)
    return counter.tally()


def saved(watched, tally, path):
    collect(watched.probes, watched.scratch.probes, tally, "ab").save(path)
    return path.read_bytes()


@settings(max_examples=15)
@given(order=st.permutations(range(SAMPLES)), cuts=st.sets(st.integers(1, SAMPLES - 1), max_size=3))
def test_any_order_and_any_split_give_the_same_bytes(
    watched, images, tmp_path_factory, order, cuts
):
    folder = tmp_path_factory.mktemp("tally")
    ends = [0, *sorted(cuts), SAMPLES]
    tallies = [share(watched, images, order[start:end]) for start, end in itertools.pairwise(ends)]
    for other in tallies[1:]:
        tallies[0].merge(other)
    straight = share(watched, images, range(SAMPLES))
    assert saved(watched, tallies[0], folder / "a.npz") == saved(
        watched, straight, folder / "b.npz"
    )


def test_a_sample_that_is_not_finite_is_told_and_not_added(watched, images):
    counter = Counter(watched.scratch)
    with torch.inference_mode():
        watched.see((np.full_like(images[0], np.inf),))
        low, high = counter.take(early=True)
    assert not np.isfinite(np.stack([low, high])).all()
    assert counter.tally().samples == 0


def test_the_size_does_not_depend_on_the_samples(watched, images):
    def size(tally: Tally):
        arrays = (tally.lows, tally.highs, tally.early, tally.counts, tally.sums.limbs)
        return [array.nbytes for array in arrays]

    assert size(share(watched, images, [0])) == size(share(watched, images, range(SAMPLES)))
