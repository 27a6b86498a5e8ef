"""litert-torch's default PT2E quantizer: prepare, calibrate, convert, as its documentation does.

https://github.com/google-ai-edge/litert-torch, "PT2E quantization"
"""

from pathlib import Path

from benchmarks.peers.peer import Peer, Task

# Its histogram observers take tens of milliseconds for each tensor and image.
IMAGES = 64


def make(task: Task, path: Path) -> int:
    """Quantize statically, per channel."""
    import litert_torch
    import torch
    from litert_torch.quantize.pt2e_quantizer import (
        PT2EQuantizer,
        get_symmetric_quantization_config,
    )
    from litert_torch.quantize.quant_config import QuantConfig
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    from edgekit.calibration.program import float_program
    from edgekit.detectors.registry import open_detector

    program = float_program(open_detector(Path(task.detector)))
    static = get_symmetric_quantization_config(is_per_channel=True, is_dynamic=False)
    quantizer = PT2EQuantizer().set_global(static)
    prepared = prepare_pt2e(program.module(check_guards=False), quantizer)
    samples = task.samples(IMAGES)
    with torch.inference_mode():
        for sample in samples:
            prepared(torch.from_numpy(sample[None].copy()))
    quantized = convert_pt2e(prepared, fold_quantize=False)
    assert program.example_inputs is not None
    settings = QuantConfig(pt2e_quantizer=quantizer)
    model = litert_torch.convert(quantized, program.example_inputs[0], quant_config=settings)
    path.write_bytes(model.model_content())
    return len(samples)


PEERS = (
    Peer(
        name="litert-torch-pt2e",
        runtime="litert",
        module=__name__,
        make=make,
        packages=("litert-torch", "torchao", "torch"),
        imports=("torch", "litert_torch", "torchao", "edgekit.detectors.registry"),
    ),
)
