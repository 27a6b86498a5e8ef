"""Core ML: ML programs on iPhone and iPad; executed on macOS only."""

from edgekit.runtime import Package, Runtime

RUNTIME = Runtime(
    name="coreml",
    title="Core ML",
    builder="coreml",
    folded=True,
    builds_with=(Package("coremltools", "coremltools", "builds Core ML"),),
    schemes=("coreml",),
    runner="coreml",
    only_on="Darwin",
)
