"""OpenVINO: Intel's runtime on x86-64 processors."""

from edgekit.runtime import Package, Plain, Runtime
from edgekit.runtimes.onnx import WRITERS

_OPENVINO = Package("openvino", "openvino", "builds and runs OpenVINO IR: x86")
RUNTIME = Runtime(
    name="openvino",
    title="OpenVINO",
    builder="openvino",
    folded=True,
    builds_with=(*WRITERS, _OPENVINO),
    schemes=("openvino",),
    runner="openvino",
    runs_with=(_OPENVINO,),
    tracer="openvino",
    profiler="openvino",
    plain=Plain("OpenVINO's integer", "with quantize/dequantize pairs computed in float"),
)
