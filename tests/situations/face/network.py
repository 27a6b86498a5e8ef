"""A public kind of face anti-spoofing network: depthwise units, PReLU, three classes, 80 x 80 BGR.

Written after the description of MobileFaceNet (Chen et al., "MobileFaceNets", CCBR 2018), which the
anti-spoofing networks that people download are made from. The classes are those of the sample data:
a photograph and what two decoders made of it.
"""

from pathlib import Path

import torch
from torch import nn

CLASSES = ("real", "transposed", "nearest")
SIDE = 80
WEIGHTS = Path(__file__).with_name("weights.safetensors")


class Unit(nn.Module):
    """A bottleneck: widen, filter each channel, narrow."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        wide = 2 * inputs
        self.body = nn.Sequential(
            nn.Conv2d(inputs, wide, 1, bias=False),
            nn.BatchNorm2d(wide),
            nn.PReLU(wide),
            nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.PReLU(wide),
            nn.Conv2d(wide, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x) if self.residual else self.body(x)


class Face(nn.Module):
    """Stem, five units, one depthwise convolution over what is left, two linears."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.PReLU(width)
        )
        double = 2 * width
        self.units = nn.Sequential(
            Unit(width, width),
            Unit(width, double, 2),
            Unit(double, double),
            Unit(double, double, 2),
            Unit(double, double),
        )
        self.whole = nn.Sequential(
            nn.Conv2d(double, double, SIDE // 8, groups=double, bias=False),
            nn.BatchNorm2d(double),
        )
        self.tail = nn.Sequential(
            nn.Flatten(),
            nn.Linear(double, 64, bias=False),
            nn.BatchNorm1d(64),
            nn.Linear(64, len(CLASSES), bias=False),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.tail(self.whole(self.units(self.stem(x))))


def make() -> nn.Module:
    """Return the network with its trained weights."""
    from safetensors.torch import load_file

    network = Face()
    network.load_state_dict(load_file(WEIGHTS))
    return network.eval()
