"""Several Figures by name, as they are read from JSON: the name tells what a figure is of."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Tag

from edgekit.figure import Figure, Share
from edgekit.metrics import METRICS

SHARES = ("flips", "class_flips")  # of the images, beside the metrics


def named(value: object) -> object:
    """Give every figure of some JSON the name that it stands under; other keys are passed over."""
    if not isinstance(value, Mapping):
        return value
    return {name: _named(name, value[name]) for name in (*METRICS, *SHARES) if name in value}


def _named(name: str, value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    gain = {} if name in SHARES else {"gain": METRICS[name].gain}
    return {**value, "name": name, **gain}


def _kind(value: object) -> str:
    share = "count" in value if isinstance(value, Mapping) else isinstance(value, Share)
    return "share" if share else "metric"


# Figures by name, metrics first, as they are read from a JSON object that may hold other keys.
Figures = Annotated[
    dict[
        str,
        Annotated[
            Annotated[Figure, Tag("metric")] | Annotated[Share, Tag("share")],
            Discriminator(_kind),
        ],
    ],
    BeforeValidator(named),
]
