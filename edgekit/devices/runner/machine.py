"""What this machine and this process are."""

import os
import platform
import time
from typing import Any, Dict, List, Optional

import numpy as np


def process_age_ms() -> float:
    """Return the time since this process was started, milliseconds; 0 where it cannot be read.

    Linux notes the start in clock ticks, normally of 10 ms.
    """
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
            ticks = float(file.read().rpartition(")")[2].split()[19])
        started = ticks / os.sysconf("SC_CLK_TCK")
        return max(0.0, (time.clock_gettime(time.CLOCK_BOOTTIME) - started) * 1e3)
    except (OSError, AttributeError, IndexError, ValueError):
        return 0.0


def environment() -> Dict[str, Any]:
    """Describe what a time depends on besides the artifact; None for what cannot be read."""
    governor = _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    heat = _read("/sys/class/thermal/thermal_zone0/temp")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.system() + " " + platform.release(),
        "governor": governor,
        "temperature_c": int(heat) / 1000 if heat and heat.lstrip("-").isdigit() else None,
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "instruction_sets": _instruction_sets(),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def _read(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None


def _processor() -> str:
    for line in (_read("/proc/cpuinfo") or "").splitlines():
        if line.startswith(("model name", "Model\t", "Hardware")):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _instruction_sets() -> List[str]:
    """Return what this processor (or who emulates it) offers, as numpy asks it."""
    core = getattr(np, "_core", None) or np.core
    found = getattr(core._multiarray_umath, "__cpu_features__", {})
    return sorted(name for name, here in found.items() if here)


def peak_memory() -> int:
    """Return this process's largest resident size so far, bytes; 0 where it cannot be read.

    Linux counts what the parent held into `ru_maxrss`, so the process's own figure comes first.
    """
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            lines = [line for line in file if line.startswith("VmHWM:")]
        return int(lines[0].split()[1]) * 1024
    except (OSError, IndexError, ValueError):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if platform.system() == "Darwin" else peak * 1024)
