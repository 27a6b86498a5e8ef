"""Small networks of the kinds that people bring, each with something that integers stumble over.

`NETWORKS[name]` is `(make, shape)`: `make(seed)` gives the module in eval mode with seeded random
weights, `shape` is that of its one input, batch 1. Images are 0 to 1 or normalized, but for the
networks in `BYTES`, which read 0 to 255. All give logits, two classes; `face` has three.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrize import is_parametrized

Make = Callable[[int], nn.Module]
WIDTH = 16


def seeded(kind: Callable[[], nn.Module], shape: tuple[int, ...], high: float = 1) -> Make:
    """Draw a network's weights from a seed; its batch norms average over noise, 0 to `high`."""

    def make(seed: int) -> nn.Module:
        torch.manual_seed(seed)
        module = kind()
        for part in module.modules():
            if isinstance(part, nn.Conv1d | nn.Conv2d | nn.Linear) and not is_parametrized(part):
                nn.init.kaiming_normal_(part.weight)
            if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
                part.momentum = None
                nn.init.uniform_(part.weight, 0.5, 1.5)
                nn.init.normal_(part.bias, 0, 0.2)
        with torch.no_grad():
            module.train()(high * torch.rand(16, *shape[1:]))
        return module.eval()

    return make


def block(inputs: int, outputs: int, side: int = 3, stride: int = 1, groups: int = 1):
    """Convolution, batch norm, ReLU."""
    conv = nn.Conv2d(inputs, outputs, side, stride, side // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


def pooled(*layers: nn.Module, width: int = WIDTH, classes: int = 2) -> nn.Sequential:
    """The layers, global average pooling, a linear head."""
    tail = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))
    return nn.Sequential(*layers, *tail)


class Shuffled(nn.Module):
    """Grouped pointwise convolutions with a channel shuffle between them (ShuffleNet)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = block(WIDTH, WIDTH, 1, groups=4)
        self.depthwise = block(WIDTH, WIDTH, groups=WIDTH)
        self.last = block(WIDTH, WIDTH, 1, groups=4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.last(self.depthwise(functional.channel_shuffle(self.first(x), 4)))


def shuffle() -> nn.Module:
    """Two units with a channel shuffle."""
    return pooled(block(3, WIDTH, stride=2), Shuffled(), Shuffled())


def weight_norm() -> nn.Module:
    """Convolutions with weight normalization and no batch norm."""
    layers: list[nn.Module] = []
    for inputs in (3, WIDTH, WIDTH):
        conv = nn.Conv2d(inputs, WIDTH, 3, 2, 1)
        nn.init.kaiming_normal_(conv.weight)
        layers += [nn.utils.parametrizations.weight_norm(conv), nn.ReLU()]
    return pooled(*layers)


def padded_pool() -> nn.Module:
    """Average pools that pad: one counts the padding as zeros, one does not."""
    return pooled(
        block(3, WIDTH, stride=2),
        nn.AvgPool2d(3, 1, 1, count_include_pad=True),
        block(WIDTH, WIDTH),
        nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        block(WIDTH, WIDTH),
    )


class Prepared(nn.Module):
    """Preprocessing inside: pixels 0 to 255, mean and standard deviation as buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.body = pooled(block(3, WIDTH, stride=2), block(WIDTH, WIDTH, stride=2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body((x / 255 - self.mean) / self.std)


def positive() -> nn.Module:
    """No normalization at all: whatever a convolution reads is 0 or more."""
    return pooled(*(block(inputs, WIDTH, stride=2) for inputs in (3, WIDTH, WIDTH)))


def face() -> nn.Module:
    """Face anti-spoofing, like MiniFASNet: depthwise, PReLU, BGR pixels 0 to 255, three classes."""

    def unit(stride: int) -> list[nn.Module]:
        spatial = nn.Conv2d(WIDTH, WIDTH, 3, stride, 1, groups=WIDTH, bias=False)
        point = nn.Conv2d(WIDTH, WIDTH, 1, bias=False)
        norms = [nn.BatchNorm2d(WIDTH) for _ in range(2)]
        return [spatial, norms[0], nn.PReLU(WIDTH), point, norms[1]]

    stem = nn.Conv2d(3, WIDTH, 3, 2, 1, bias=False)
    layers = [stem, nn.BatchNorm2d(WIDTH), nn.PReLU(WIDTH), *unit(2), *unit(1), *unit(2)]
    whole = nn.Conv2d(WIDTH, WIDTH, 10, groups=WIDTH, bias=False)
    head = [nn.Flatten(), nn.Linear(WIDTH, 32), nn.BatchNorm1d(32), nn.Linear(32, 3, bias=False)]
    return nn.Sequential(*layers, whole, nn.BatchNorm2d(WIDTH), *head)


class Squeezed(nn.Module):
    """A squeeze-and-excite block: channels are weighed by a sigmoid of their averages."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = block(WIDTH, WIDTH, groups=WIDTH)
        self.reduce, self.expand = nn.Conv2d(WIDTH, 4, 1), nn.Conv2d(4, WIDTH, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x)
        weights = self.expand(torch.relu(self.reduce(x.mean((2, 3), keepdim=True))))
        return x * weights.sigmoid()


def squeeze_excite() -> nn.Module:
    """Two squeeze-and-excite blocks."""
    return pooled(block(3, WIDTH, stride=2), Squeezed(), block(WIDTH, WIDTH, 1), Squeezed())


def grouped() -> nn.Module:
    """Grouped 3 x 3 convolutions (ResNeXt)."""
    wide = block(WIDTH, WIDTH, groups=4), block(WIDTH, WIDTH, stride=2, groups=8)
    return pooled(block(3, WIDTH, stride=2), *wide)


class Signal(nn.Module):
    """1-D convolutions over a signal of four channels."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(4, WIDTH, 5, 2, 2)
        self.norm = nn.BatchNorm1d(WIDTH)
        self.second, self.head = nn.Conv1d(WIDTH, WIDTH, 3, 1, 1), nn.Linear(WIDTH, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.first(x)))
        return self.head(torch.relu(self.second(x)).mean(2))


class Attended(nn.Module):
    """A patch embedding and one attention block over its transposed tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.norm = nn.Conv2d(3, 32, 8, 8), nn.LayerNorm(32)
        self.mix, self.out = nn.Linear(32, 96), nn.Linear(32, 32)
        self.head = nn.Linear(32, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        parts = self.mix(self.norm(x)).unflatten(2, (3, 4, 8)).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = functional.scaled_dot_product_attention(*parts)
        return self.head((x + self.out(mixed.transpose(1, 2).flatten(2))).mean(1))


class Dense(nn.Module):
    """Branches whose results are concatenated with what they read (DenseNet)."""

    def __init__(self) -> None:
        super().__init__()
        self.branches = nn.ModuleList(block(WIDTH + 8 * step, 8) for step in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for branch in self.branches:
            x = torch.cat([x, branch(x)], dim=1)
        return x


def dense() -> nn.Module:
    """A stem and three dense branches."""
    return pooled(block(3, WIDTH, stride=2), Dense(), width=WIDTH + 24)


class TwoPools(nn.Module):
    """Global average and maximum, concatenated before the head."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(block(3, WIDTH, stride=2), block(WIDTH, WIDTH))
        self.head = nn.Linear(2 * WIDTH, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.body(x)
        return self.head(torch.cat([x.mean((2, 3)), x.amax((2, 3))], dim=1))


class Scaled(nn.Module):
    """A cosine head as CLIP has: normalized features, linear, times a learned logit scale."""

    def __init__(self) -> None:
        super().__init__()
        self.body = pooled(block(3, WIDTH, stride=2), block(WIDTH, WIDTH, stride=2), classes=32)
        self.classes = nn.Linear(32, 2, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(3.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features = functional.normalize(self.body(x), dim=1)
        return self.classes(features) * self.logit_scale.exp()


IMAGE = (1, 3, 32, 32)
FACE = (1, 3, 80, 80)
SIGNAL = (1, 4, 64)
NETWORKS: dict[str, tuple[Make, tuple[int, ...]]] = {
    "shuffle": (seeded(shuffle, IMAGE), IMAGE),
    "weight_norm": (seeded(weight_norm, IMAGE), IMAGE),
    "padded_pool": (seeded(padded_pool, IMAGE), IMAGE),
    "preprocessing": (seeded(Prepared, IMAGE, high=255), IMAGE),
    "positive": (seeded(positive, IMAGE), IMAGE),
    "face": (seeded(face, FACE, high=255), FACE),
    "squeeze_excite": (seeded(squeeze_excite, IMAGE), IMAGE),
    "grouped": (seeded(grouped, IMAGE), IMAGE),
    "signal": (seeded(Signal, SIGNAL), SIGNAL),
    "attention": (seeded(Attended, IMAGE), IMAGE),
    "dense": (seeded(dense, IMAGE), IMAGE),
    "two_pools": (seeded(TwoPools, IMAGE), IMAGE),
    "logit_scale": (seeded(Scaled, IMAGE), IMAGE),
}
BYTES = ("preprocessing", "face")
