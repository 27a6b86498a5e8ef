"""LiteRT: TFLite files on Android, Raspberry Pi and other ARM boards."""

from edgekit.runtime import Package, Plain, Runtime

_LITERT = Package("ai-edge-litert", "ai_edge_litert.interpreter", "runs TFLite", numpy_2=(1, 1))
RUNTIME = Runtime(
    name="tflite",
    title="LiteRT",
    builder="tflite",
    folded=False,
    builds_with=(Package("litert-torch", "litert_torch", "builds TFLite"), _LITERT),
    schemes=("tflite",),
    runner="litert",
    runs_with=(
        _LITERT,
        Package(
            "tflite-runtime",
            "tflite_runtime.interpreter",
            "the old TFLite runtime; Python 3.11, numpy < 2",
            numpy_2=(99,),
        ),
    ),
    tracer="tflite",
    profiler="litert",
    plain=Plain("XNNPACK's", "with LiteRT's built-in kernels"),
)
