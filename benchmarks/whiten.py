"""Start a network's first filters where the traces of decoders can be seen.

In photographs the contrast between patches is many thousand times as strong as their finest
detail, and a random projection of a patch passes both on in that proportion. A network then does
not find faint traces within minutes, a transformer least of all. Filters that bring the principal
components of natural patches to about the same strength do show them (whitening: Coates, Ng and
Lee 2011, "An Analysis of Single-Layer Networks in Unsupervised Feature Learning").
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

_FLOOR = 0.003  # of the mean variance; below it components are noise and are not brought up


@torch.no_grad()
def whiten(first: nn.Conv2d, images: Tensor) -> None:
    """Set a convolution's filters to random mixtures of whitened components.

    Args:
        first: takes images, with a square kernel; changed where it is. Its output on patches of
            `images` has unit variance afterwards, and its bias is 0.
        images: float32 [N, C, H, W], as the network sees them, with more patches than a patch has
            numbers.
    """
    patches = _patches(images, first.kernel_size[0])
    patches = patches - patches.mean(0)
    variances, components = torch.linalg.eigh(patches.T @ patches / len(patches))
    scales = (variances + _FLOOR * variances.mean()).rsqrt()
    filters = _mixtures(first.out_channels, len(variances)) @ (scales[:, None] * components.T)
    filters /= (patches @ filters.T).std()
    first.weight.copy_(filters.view_as(first.weight))
    if first.bias is not None:
        first.bias.zero_()


def _patches(images: Tensor, side: int) -> Tensor:
    """Cut images into patches, one in a row: [patches, C * side * side]."""
    columns = functional.unfold(images.contiguous(), side, stride=side)
    return columns.transpose(1, 2).flatten(0, 1)


def _mixtures(rows: int, columns: int) -> Tensor:
    """Return random directions that are orthogonal as long as there are enough dimensions."""
    mixtures = torch.empty(rows, columns)
    nn.init.orthogonal_(mixtures)
    return mixtures
