"""A layer that every artifact of a student has in common. Without torch, which takes seconds."""

from dataclasses import dataclass

FUSED = ("relu", "clip")  # groups that runtimes fuse into the operator before them


@dataclass(frozen=True)
class Layer:
    """One operator that computes.

    Attributes:
        name: its tensor in the float Program.
        module: the student's own name of it.
        group: of operators.
        inputs: the layers that it reads, through operators that only move values.
    """

    name: str
    module: str
    group: str
    inputs: tuple[str, ...]
