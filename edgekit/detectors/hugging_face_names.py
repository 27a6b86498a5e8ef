"""The names that transformers gives weights on disk, which since version 5 differ from its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from edgekit.detectors.states import State


def disk_names(network: nn.Module) -> State:
    """Return a network's weights under the names that `save_pretrained` writes."""
    from transformers.core_model_loading import revert_weight_conversion

    network_: Any = network
    found: State = revert_weight_conversion(network_, network.state_dict())
    return found


def load_named(network: nn.Module, weights: State) -> nn.Module:
    """Make the same network with `weights`, which have the names of `disk_names`, in eval mode."""
    with _no_bars():
        made, info = type(network).from_pretrained(  # type: ignore[attr-defined]
            None,
            config=network.config,
            state_dict=weights,
            dtype=torch.float32,
            output_loading_info=True,
        )
    lost = [*info["missing_keys"], *info["unexpected_keys"]]
    assert not lost, lost  # names and shapes were compared before
    loaded: nn.Module = made.eval()
    return loaded


@contextmanager
def _no_bars() -> Iterator[None]:
    """The library never prints, so transformers' progress bars are off while it loads."""
    from transformers.utils import logging

    before = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if before:
            logging.enable_progress_bar()
