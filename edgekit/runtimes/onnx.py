"""ONNX Runtime: ONNX files on CPUs and in browsers."""

from edgekit.runtime import Package, Plain, Runtime

ONNX_RUNTIME = Package("onnxruntime", "onnxruntime", "runs ONNX: x86", numpy_2=(1, 19))
# What makes an ONNX file, whoever executes it.
WRITERS = (
    Package("onnx", "onnx", "interprets ONNX: what stands for a Jetson"),
    Package("onnxscript", "onnxscript", "builds ONNX"),
    ONNX_RUNTIME,
)
RUNTIME = Runtime(
    name="onnx",
    title="ONNX Runtime",
    builder="onnx",
    folded=True,
    builds_with=WRITERS,
    schemes=("onnxruntime", "onnxruntime_vnni"),
    runner="onnxruntime",
    runs_with=(ONNX_RUNTIME,),
    tracer="onnx",
    profiler="onnxruntime",
    plain=Plain("ONNX Runtime's", "without its optimizations"),
)
