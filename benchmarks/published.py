"""Times that others published, and how constant their ratio to modelled figures is."""

from typing import Any

import numpy as np

# README of github.com/google/XNNPACK at commit 75db3c0, "Performance". Phones: fp32, one thread,
# milliseconds, benchmarked on March 27, 2020.
PIXEL = {
    "Pixel": {
        "MobileNet v1 1.0X": 82,
        "MobileNet v2 1.0X": 49,
        "MobileNet v3 Large": 39,
        "MobileNet v3 Small": 12,
    },
    "Pixel 2": {
        "MobileNet v1 1.0X": 86,
        "MobileNet v2 1.0X": 53,
        "MobileNet v3 Large": 42,
        "MobileNet v3 Small": 14,
    },
    "Pixel 3a": {
        "MobileNet v1 1.0X": 88,
        "MobileNet v2 1.0X": 55,
        "MobileNet v3 Large": 44,
        "MobileNet v3 Small": 14,
    },
}

# The same, "Raspberry Pi": "RPi 4 (BCM2711, ARM64)", as many threads as there are cores, February
# 8, 2022.
PI4 = {
    "fp32": {
        "MobileNet v1 1.0X": 77,
        "MobileNet v2 1.0X": 46,
        "MobileNet v3 Large": 40,
        "MobileNet v3 Small": 15,
    },
    "int8": {"MobileNet v1 1.0X": 24, "MobileNet v2 1.0X": 17},
}


def ratios(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hold int8 over fp32 on the Cortex-A72 against the Raspberry Pi 4.

    Args:
        rows: as `constants` takes them.

    Returns:
        by network: what was published, instructions and modelled cycles of int8 over fp32.
    """
    mine = {(row["network"], row["precision"]): row for row in rows if row["core"] == "cortex-a72"}
    return [
        {
            "network": name,
            "published": PI4["int8"][name] / PI4["fp32"][name],
            **{
                figure: mine[name, "int8"][figure] / mine[name, "fp32"][figure]
                for figure in ("instructions", "cycles")
            },
        }
        for name in PI4["int8"]
    ]


def constants(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hold counts of fp32 against each phone's times.

    Args:
        rows: counts with `network`, `precision`, `core`, `instructions` and maybe `cycles`.

    Returns:
        by core, figure and phone: what a millisecond is of each network over their geometric mean
        (`of_mean`), and the largest distance from it.
    """
    found = []
    for core in dict.fromkeys(row["core"] for row in rows):
        mine = [row for row in rows if (row["core"], row["precision"]) == (core, "fp32")]
        for figure in ("instructions", "cycles"):
            values = {row["network"]: row[figure] for row in mine if row.get(figure)}
            for phone, times in PIXEL.items():
                if values:
                    found.append({"core": core, "figure": figure, "phone": phone,
                                  **_spread(values, times)})  # fmt: skip
    return found


def _spread(values: dict[str, float], times: dict[str, int]) -> dict[str, Any]:
    names = list(values)
    logs = np.log([values[name] / times[name] for name in names])
    shares = np.exp(logs - logs.mean())
    return {
        "per_ms": float(np.exp(logs.mean())),
        "of_mean": dict(zip(names, map(float, shares), strict=True)),
        "farthest": float(np.abs(shares - 1).max()),
    }
