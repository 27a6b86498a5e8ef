"""Round the rows of a matrix so that its product with given inputs changes least (GPTQ)."""

import torch

_BLOCK = 64


def compensate(
    weight: torch.Tensor,
    curvature: torch.Tensor,
    scales: torch.Tensor,
    high: int,
    damping: float,
) -> torch.Tensor:
    """Round each row, column by column, and let the columns to come make up for the error.

    The largest weight of a scale keeps its value: scales are taken from it when the result is
    quantized. A row that plain rounding serves better is rounded plainly.

    Args:
        weight: float32 [groups, rows, K].
        curvature: X X^T, float64 [groups, K, K].
        scales: float32 [groups, rows, 1].
        high: largest integer; the smallest is -high.
        damping: share of the mean curvature added to every direction.

    Returns:
        float32 [groups, rows, K], whole multiples of the scales.
    """
    order = curvature.diagonal(dim1=1, dim2=2).argsort(dim=1, descending=True)
    sorted_curvature = curvature.take_along_dim(order[:, :, None], 1)
    sorted_curvature = sorted_curvature.take_along_dim(order[:, None, :], 2)
    columns = weight.take_along_dim(order[:, None, :], 2)
    factor = _inverse_factor(sorted_curvature, damping)
    found = _sweep(columns, factor, scales, high)
    fitted = found.take_along_dim(order.argsort(dim=1)[:, None, :], 2)
    return _better(weight, fitted, _plain(weight, scales, high), curvature)


def _plain(weight: torch.Tensor, scales: torch.Tensor, high: int) -> torch.Tensor:
    return (weight / scales).round().clamp(-high, high) * scales


def _inverse_factor(curvature: torch.Tensor, damping: float) -> torch.Tensor:
    """Return the upper Cholesky factor of the inverse, float32 [groups, K, K]."""
    mean = curvature.diagonal(dim1=1, dim2=2).mean(dim=1)
    # A group that has seen nothing but zeros has no direction that matters more than another.
    extra = torch.where(mean > 0, damping * mean, 1.0)[:, None, None]
    damped = curvature + extra * torch.eye(curvature.shape[-1], dtype=curvature.dtype)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped))
    return torch.linalg.cholesky(inverse, upper=True).float()


def _sweep(
    columns: torch.Tensor, factor: torch.Tensor, scales: torch.Tensor, high: int
) -> torch.Tensor:
    """Round the columns in order; the rest of a block at once, what comes after it in one go."""
    pinned = columns.abs() >= scales * (high - 1e-3)
    left, done = columns.clone(), _plain(columns, scales, high)
    for start in range(0, columns.shape[2], _BLOCK):
        stop = min(start + _BLOCK, columns.shape[2])
        errors = torch.zeros_like(left[:, :, start:stop])
        for column in range(start, stop):
            rounded = _plain(left[:, :, column], scales[:, :, 0], high)
            rounded = torch.where(pinned[:, :, column], done[:, :, column], rounded)
            error = (left[:, :, column] - rounded) / factor[:, column, column, None]
            row = factor[:, column, None, column:stop]
            left[:, :, column:stop] -= error[:, :, None] * row
            done[:, :, column], errors[:, :, column - start] = rounded, error
        left[:, :, stop:] -= errors @ factor[:, start:stop, stop:]
    return done


def _better(
    weight: torch.Tensor, fitted: torch.Tensor, plain: torch.Tensor, curvature: torch.Tensor
) -> torch.Tensor:
    """Choose, row by row, what changes the product less."""

    def loss(candidate: torch.Tensor) -> torch.Tensor:
        error = (candidate - weight).double()
        return ((error @ curvature) * error).sum(dim=2, keepdim=True)

    return torch.where(loss(fitted) < loss(plain), fitted, plain)
