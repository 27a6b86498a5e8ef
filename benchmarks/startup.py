"""How long `edgekit --help` takes, beside a Python that does nothing."""

import statistics
import subprocess
import sys
import time
from typing import Any

ROUNDS = 20
LIMIT_S = 0.2


def measure() -> dict[str, Any]:
    """Time both in turns; seconds."""
    code = "import sys; sys.argv = ['edgekit', '--help']; from edgekit.cli import main; main()"
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(_time(code))
        bare.append(_time("pass"))
    return {
        "help_s": statistics.median(ours),
        "python_s": statistics.median(bare),
        "slowest_s": max(ours),
        "limit_s": LIMIT_S,
    }


def _time(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
