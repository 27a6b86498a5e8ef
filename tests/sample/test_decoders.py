import pytest
import torch

from edgekit.hashes import size_of
from edgekit.sample import TEACHER_FOLDER, WEIGHTS_FOLDER
from edgekit.sample.decoders import DESIGNS, UNSEEN, load_decoders, resynthesise

DECODERS = load_decoders()


def test_there_are_three_seen_designs_and_an_unseen_one():
    assert len(DESIGNS) >= 4
    assert UNSEEN in DESIGNS


def test_all_weights_together_are_small():
    assert size_of(WEIGHTS_FOLDER) + size_of(TEACHER_FOLDER) < 10_000_000


@pytest.mark.parametrize("name", DESIGNS)
def test_a_decoder_draws_the_crop_again_but_not_exactly(name):
    ramp = torch.linspace(60, 200, 128).to(torch.uint8)
    crops = ramp[None, :, None, None].expand(2, 128, 128, 3)
    drawn = resynthesise(DECODERS[name], crops)
    assert drawn.shape == crops.shape
    assert drawn.dtype == torch.uint8
    error = (drawn.float() - crops.float()).abs().mean()
    assert 0.1 < error < 15


@pytest.mark.parametrize("name", DESIGNS)
def test_pixels_stay_in_range_for_any_crop(name):
    generator = torch.Generator().manual_seed(0)
    noise = torch.randint(0, 256, (1, 128, 128, 3), generator=generator, dtype=torch.uint8)
    assert torch.equal(
        resynthesise(DECODERS[name], noise), resynthesise(DECODERS[name], noise.clone())
    )
