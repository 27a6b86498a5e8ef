"""Small neural decoders, each with traces of its own: the generators behind the fake class.

Every network squeezes a crop through a bottleneck and draws it again. What it leaves behind is
what detectors of synthetic images look for: uneven overlap of transposed convolutions (Odena et
al. 2016, "Deconvolution and Checkerboard Artifacts"), the replicas in the spectrum that upsampling
makes (Zhang et al. 2019, "Detecting and Simulating Artifacts in GAN Fake Images"), seams between
patches, and lost detail.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from edgekit.sample import WEIGHTS_FOLDER

UNSEEN = "unseen_shuffle"


class TransposedDecoder(nn.Module):
    """Convolutional autoencoder that grows by transposed convolutions of odd kernel.

    Maps [batch, 3, height, width] in 0..1 to the same; sides divisible by 8.
    """

    def __init__(self, width: int = 32, latent: int = 16) -> None:
        super().__init__()
        self.encode = _encoder(width, latent)
        self.decode = nn.Sequential(
            nn.ConvTranspose2d(latent, width, 3, stride=2, padding=1, output_padding=1),
            nn.SiLU(),
            nn.ConvTranspose2d(width, 3, 5, stride=4, padding=1, output_padding=1),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Re-synthesise a batch."""
        result: Tensor = self.decode(self.encode(image))
        return result


class NearestDecoder(nn.Module):
    """Convolutional autoencoder that grows by nearest-neighbour upsampling and convolution.

    Maps [batch, 3, height, width] in 0..1 to the same; sides divisible by 8.
    """

    def __init__(self, width: int = 32, latent: int = 16) -> None:
        super().__init__()
        self.encode = _encoder(width, latent)
        self.decode = nn.Sequential(
            *(_conv(latent, width), nn.SiLU(), nn.Upsample(scale_factor=2, mode="nearest")),
            *(_conv(width, width), nn.SiLU(), nn.Upsample(scale_factor=4, mode="nearest")),
            _conv(width, 3),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Re-synthesise a batch."""
        result: Tensor = self.decode(self.encode(image))
        return result


class PatchDecoder(nn.Module):
    """Patch-wise latent decoder: each patch is coded and drawn without its neighbours.

    Maps [batch, 3, height, width] in 0..1 to the same; sides divisible by `patch`.
    """

    def __init__(self, patch: int = 4, width: int = 96, latent: int = 6) -> None:
        super().__init__()
        self.encode = nn.Sequential(
            *(nn.Conv2d(3, width, patch, stride=patch), nn.SiLU()),
            nn.Conv2d(width, latent, 1),
        )
        self.decode = nn.Sequential(
            *(nn.Conv2d(latent, width, 1), nn.SiLU()),
            *(nn.Conv2d(width, 3 * patch * patch, 1), nn.PixelShuffle(patch)),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Re-synthesise a batch."""
        result: Tensor = self.decode(self.encode(image))
        return result


class ShuffleDecoder(nn.Module):
    """Convolutional autoencoder that grows by pixel shuffle (Shi et al. 2016).

    Maps [batch, 3, height, width] in 0..1 to the same; sides divisible by 8.
    """

    def __init__(self, width: int = 32, latent: int = 16) -> None:
        super().__init__()
        self.encode = _encoder(width, latent)
        self.decode = nn.Sequential(
            *(_conv(latent, 2 * width), nn.SiLU(), nn.PixelShuffle(2)),
            *(_conv(width // 2, 3 * 4 * 4), nn.PixelShuffle(4)),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Re-synthesise a batch."""
        result: Tensor = self.decode(self.encode(image))
        return result


DESIGNS: dict[str, Callable[[], nn.Module]] = {
    "transposed": TransposedDecoder,
    "nearest": NearestDecoder,
    "patch": PatchDecoder,
    UNSEEN: ShuffleDecoder,
}


def load_decoders() -> dict[str, nn.Module]:
    """Build every decoder with its stored weights, in eval mode, by slice name.

    Raises:
        OSError: when a weight file is missing.
    """
    from safetensors.torch import load_file

    decoders = {}
    for name, design in DESIGNS.items():
        decoder = design()
        decoder.load_state_dict(load_file(WEIGHTS_FOLDER / f"{name}.safetensors"))
        decoders[name] = decoder.eval()
    return decoders


@torch.no_grad()
def resynthesise(decoder: nn.Module, crops: Tensor) -> Tensor:
    """Let a decoder draw crops again: uint8, [batch, height, width, 3], in and out."""
    drawn = decoder(crops.permute(0, 3, 1, 2).float() / 255)
    return (drawn.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1)


def _encoder(width: int, latent: int) -> nn.Sequential:
    """Shrink an image eight times, to `latent` channels: a twelfth of its numbers."""
    return nn.Sequential(
        *(nn.Conv2d(3, width, 3, stride=2, padding=1), nn.SiLU()),
        *(nn.Conv2d(width, width, 3, stride=2, padding=1), nn.SiLU()),
        *(nn.Conv2d(width, width, 3, stride=2, padding=1), nn.SiLU()),
        _conv(width, latent),
    )


def _conv(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)
