"""Every peer. A new one is a file beside this one and its name in MODULES."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module

from benchmarks.peers.peer import Peer

# In the order of the tables. Importing them imports no quantizer.
MODULES = (
    "plain",
    "ort_static",
    "ort_dynamic",
    "olive_workflow",
    "nncf_onnx",
    "nncf_openvino",
    "neural_compressor_onnx",
    "ai_edge",
    "litert_pt2e",
    "edgekit_own",
)


@cache
def peers() -> tuple[Peer, ...]:
    """Return all peers in the order of the tables."""
    modules = [import_module(f"benchmarks.peers.{name}") for name in MODULES]
    return tuple(peer for module in modules for peer in module.PEERS)


def peers_named(names: Sequence[str], runtimes: Sequence[str] = ()) -> list[Peer]:
    """Return the peers of these names and runtimes; all where nothing is named.

    Raises:
        InputError: when no peer has one of the names.
    """
    from edgekit.errors import InputError

    known = list(dict.fromkeys(peer.name for peer in peers()))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"unknown peer {unknown[0]!r}", f"Use one of {', '.join(known)}")
    return [
        peer
        for peer in peers()
        if (not names or peer.name in names) and (not runtimes or peer.runtime in runtimes)
    ]
