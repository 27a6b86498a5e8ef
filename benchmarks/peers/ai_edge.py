"""ai-edge-quantizer's ready recipes on the float TFLite model.

https://github.com/google-ai-edge/ai-edge-quantizer
"""

from functools import partial
from pathlib import Path

from benchmarks.peers.peer import Peer, Task

RECIPES = {
    "static": "static_wi8_ai8",
    "dynamic": "dynamic_wi8_afp32",
    "weight-only": "weight_only_wi8_afp32",
}


def make(recipe_name: str, task: Task, path: Path) -> int:
    """Quantize by the recipe; the static one is calibrated with every image."""
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer import quantizer, recipe

    tool = quantizer.Quantizer(task.tflite)
    tool.load_quantization_recipe(getattr(recipe, recipe_name)())
    if not tool.need_calibration:
        path.write_bytes(tool.quantize().quantized_model)
        return 0
    key, signature = next(iter(Interpreter(model_path=task.tflite).get_signature_list().items()))
    name = signature["inputs"][0]
    samples = task.samples()
    result = tool.calibrate({key: [{name: sample[None]} for sample in samples]})
    path.write_bytes(tool.quantize(result).quantized_model)
    return len(samples)


PEERS = tuple(
    Peer(
        name=f"ai-edge-{name}",
        runtime="litert",
        module=__name__,
        make=partial(make, recipe),
        packages=("ai-edge-quantizer", "ai-edge-litert"),
        imports=("ai_edge_quantizer", "ai_edge_litert.interpreter"),
    )
    for name, recipe in RECIPES.items()
)
