"""Permit a TFLite file's float operators to run in fp16 where a processor has its arithmetic."""

# TensorFlow's `tensorflow/lite/tools/optimize/reduced_precision_metadata.h` has key and grammar:
# values of fp16, sums in fp16. XNNPACK, which takes the hint, knows no fp16 kernels with fp32 sums.
KEY, PERMISSION = "reduced_precision_support", b"fp16accfp16"


def permit_fp16(content: bytes) -> bytes:
    """Return a TFLite file with the permission in its metadata; all else stays as it is.

    XNNPACK rewrites float operators and the tensors between them where the processor multiplies in
    fp16 (`asimdhp` of Linux), and ignores the permission elsewhere.

    Args:
        content: a TFLite file.
    """
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(content)
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = list(PERMISSION)
    model.buffers.append(buffer)
    entry.name, entry.buffer = KEY, len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
