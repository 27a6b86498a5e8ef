"""The process that profiles; its last line is JSON."""

import json
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from edgekit.search.profilers import PROFILERS

if __name__ == "__main__":
    runner, artifact = sys.argv[1:]
    found = import_module(PROFILERS[runner]).kernels(Path(artifact))
    sys.stdout.write(json.dumps([asdict(kernel) for kernel in found]) + "\n")
