"""Peers that fail in the ways that real ones do, for the tests of the harness."""

import os
import shutil
import signal
import time

from benchmarks.peers.peer import Peer


def crash(task, path):
    """Die as a native library does."""
    os.kill(os.getpid(), signal.SIGSEGV)


def refuse(task, path):
    """Raise what a converter raises: many lines, the first of which says it."""
    raise ValueError("operator Foo is not supported\nand much more about it")


def nothing(task, path):
    """Return without an artifact."""
    return 0


def hang(task, path):
    """Never return."""
    time.sleep(600)


def rubbish(task, path):
    """Write what no runtime loads."""
    path.write_bytes(b"this is no model")
    return 0


def again(task, path):
    """Write the float model; another one's equal artifact."""
    shutil.copyfile(task.onnx, path)
    return 0


PEERS = tuple(
    Peer(make.__name__, "onnxruntime", __name__, make, timeout=1.0 if make is hang else 60.0)
    for make in (crash, refuse, nothing, hang, rubbish, again)
)
