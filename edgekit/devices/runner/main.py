"""The runner's command line; see the package's description for what it does."""

import argparse
import json
import os
from typing import Sequence

from .errors import NotHereError
from .sessions import add_session
from .work import execute


def main(arguments: Sequence[str]) -> int:
    """Parse, execute, write `result.json`; return the exit code."""
    options = _parser().parse_args(arguments)
    for place in options.session:
        add_session(place)
    os.makedirs(options.outputs, exist_ok=True)
    code = 0
    try:
        result = execute(options)
    except NotHereError as error:
        result, code = {"error": str(error)}, 3
    except Exception as error:  # whatever a runtime raises about an artifact, the caller must see
        result, code = {"error": f"{type(error).__name__}: {error}"}, 2
    with open(os.path.join(options.outputs, "result.json"), "w", encoding="utf-8") as file:
        json.dump(result, file)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Execute a bundle's artifact on arrays.")
    parser.add_argument("bundle")
    parser.add_argument("inputs")
    parser.add_argument("outputs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=0)
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--against")
    parser.add_argument("--swap", action="store_true")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--sustained", type=float, default=0.0)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--tap", action="append", default=[], metavar="TENSOR")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--profile-runs", type=int, default=0)
    parser.add_argument("--session", action="append", default=[], metavar="NAME=FILE:CLASS")
    return parser
