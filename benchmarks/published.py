"""Times that others published, and how constant their ratio to modelled figures is."""

from typing import Any

import numpy as np

Times = dict[str, dict[str, float]]  # milliseconds by precision and network

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
PI4: Times = {
    "fp32": {
        "MobileNet v1 1.0X": 77,
        "MobileNet v2 1.0X": 46,
        "MobileNet v3 Large": 40,
        "MobileNet v3 Small": 15,
    },
    "int8": {"MobileNet v1 1.0X": 24, "MobileNet v2 1.0X": 17},
}

# Arm's own measurements of ExecuTorch with XNNPACK on a Raspberry Pi 5, medians in milliseconds.
# MobileNet v2: learn.arm.com, "ExecuTorch on Arm", "Compare MobileNetV2 deployment results", which
# names fp32 and "the Raspberry Pi", not which. GoogLeNet, SqueezeNet: developer.arm.com, "Image
# Classifier (ExecuTorch + XNNPACK)". ResNet-18: 8.751 ms, "3.61x faster than baseline", the card of
# huggingface.co/Arm/resnet-18-int8-xnnpack-executorch. Both name the Raspberry Pi 5 and a baseline,
# which is taken for fp32 with the same runtime. Excerpts of these pages were read; none said with
# how many threads.
PI5: Times = {
    "fp32": {
        "MobileNet v2 1.0X": 10.88,
        "ResNet-18": 8.751 * 3.61,
        "GoogLeNet": 90.77,
        "SqueezeNet 1.0": 20.22,
    },
    "int8": {
        "MobileNet v2 1.0X": 3.98,
        "ResNet-18": 8.751,
        "GoogLeNet": 25.33,
        "SqueezeNet 1.0": 5.09,
    },
}
BOARDS: dict[str, tuple[str, Times]] = {
    "cortex-a72": ("Raspberry Pi 4", PI4),
    "cortex-a76": ("Raspberry Pi 5", PI5),
}


def ratios(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hold int8 over fp32 on a core against what was published of a board with four of it.

    Args:
        rows: as `constants` takes them.

    Returns:
        by board and network: what was published, instructions and modelled cycles of int8 over
        fp32, and how far the cycles' ratio is from the published one (`apart`).
    """
    mine = {(row["core"], row["network"], row["precision"]): row for row in rows}
    found = []
    for core, (board, times) in BOARDS.items():
        for name in times["int8"]:
            int8, fp32 = (mine[core, name, precision] for precision in ("int8", "fp32"))
            published = times["int8"][name] / times["fp32"][name]
            counted = {name: int8[name] / fp32[name] for name in ("instructions", "cycles")}
            apart = counted["cycles"] / published - 1
            found.append(
                {"board": board, "network": name, "published": published, **counted, "apart": apart}
            )
    return found


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
        mine = [row for row in rows if (row["core"], row["precision"]) == (core, "fp32")
                and row["network"] in PIXEL["Pixel"]]  # fmt: skip
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
