"""The kinds of damage: in the artifact, as a faulty converter does, and in the manifest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.faults.editor import Editor
from edgekit.results.cause import Kind
from edgekit.signature import Preprocessing, Signature


@dataclass(frozen=True)
class Fault:
    """One kind of damage to an artifact.

    Attributes:
        kind: the cause that has to be found.
        plant: does the damage.
        layer: of the editor's, which it is in; None where the kind says it all.
        says: what the cause has to name besides.
    """

    kind: Kind
    plant: Callable[[Editor, int], None]
    layer: Callable[[Editor], int] | None = None
    says: str = ""


def _middle(editor: Editor) -> int:
    return len(editor.names) // 2


def _wide(editor: Editor) -> int:
    """A layer of 3 x 3 kernels near the middle."""
    layers = range(len(editor.names) - 1)
    wide = [layer for layer in layers if editor.weight(layer).shape[-1] > 1]
    return wide[len(wide) // 2]


def _first(_: Editor) -> int:
    return 0


def _head(editor: Editor) -> int:
    return len(editor.names) - 1


def _swap_channels(editor: Editor, layer: int) -> None:
    weight, scale = editor.weight(layer).copy(), editor.scale(layer).copy()
    bias = editor.bias(layer).copy()
    size = np.abs(weight.astype(np.float64)).reshape(len(weight), -1).sum(axis=1) * scale
    least, most = int(size.argmin()), int(size.argmax())
    for values in (weight, scale, bias):
        values[[least, most]] = values[[most, least]]
    editor.set_weight(layer, weight)
    editor.set_scale(layer, scale)
    editor.set_bias(layer, bias)


def _halve_scale(editor: Editor, layer: int) -> None:
    bias = editor.bias(layer)
    editor.set_scale(layer, editor.scale(layer) * np.float32(0.5))
    editor.set_bias(layer, bias)


def _one_scale(editor: Editor, layer: int) -> None:
    bias, scale = editor.bias(layer), editor.scale(layer)
    editor.set_scale(layer, np.full_like(scale, scale.mean()))
    editor.set_bias(layer, bias)


def _round_twice(editor: Editor, layer: int) -> None:
    """Round integers of 8 bits to those of 3."""
    weight = editor.weight(layer).astype(np.float64)
    editor.set_weight(layer, np.clip(np.round(weight / 32) * 32, -127, 127).astype(np.int8))


def _lose_bias(editor: Editor, layer: int) -> None:
    editor.set_bias(layer, np.zeros_like(editor.bias(layer)))


def _grow_bias(editor: Editor, layer: int) -> None:
    editor.set_bias(layer, editor.bias(layer) * 4)


def _mirror(editor: Editor, layer: int) -> None:
    editor.set_weight(layer, editor.weight(layer)[..., ::-1])


def _lose_channels(editor: Editor, layer: int) -> None:
    weight = editor.weight(layer).copy()
    weight[: len(weight) // 2] = 0
    editor.set_weight(layer, weight)


def _flip_sign(editor: Editor, layer: int) -> None:
    editor.set_weight(layer, np.negative(editor.weight(layer)))


def _reorder_inputs(editor: Editor, layer: int) -> None:
    editor.set_weight(layer, np.roll(editor.weight(layer), 1, axis=1))


def _clip(editor: Editor, layer: int) -> None:
    editor.squeeze_output(layer, 0.2, 0)


def _shift_zero(editor: Editor, layer: int) -> None:
    editor.squeeze_output(layer, 1.0, 240)


def _nan(editor: Editor, layer: int) -> None:
    weight = editor.weight(layer).copy()
    weight[0, 0] = np.nan
    editor.set_weight(layer, weight)


def _reorder_labels(editor: Editor, layer: int) -> None:
    editor.set_weight(layer, editor.weight(layer)[::-1])
    editor.set_bias(layer, editor.bias(layer)[::-1])


def _move_scores(editor: Editor, layer: int) -> None:
    bias = editor.bias(layer).copy()
    bias[0] += 3.0
    editor.set_bias(layer, bias)


def _bgr(editor: Editor, layer: int) -> None:
    editor.set_weight(layer, editor.weight(layer)[:, ::-1])


def _other_mean(rule: Preprocessing) -> Callable[[Editor, int], None]:
    """Fold "from -1 to 1" into the first layer, as an exporter does that takes it for the rule."""

    def plant(editor: Editor, layer: int) -> None:
        mean, std = np.array(rule.mean), np.array(rule.std)
        factor, offset = float(np.mean(0.5 / std)), (0.5 - mean) / std
        weight = editor.weight(layer).astype(np.float64)
        weight *= editor.scale(layer)[:, None, None, None]
        bias = editor.bias(layer) + np.einsum("oihw,i->o", weight, offset)
        editor.set_scale(layer, editor.scale(layer) * np.float32(factor))
        editor.set_bias(layer, bias)

    return plant


def _layout(editor: Editor, _: int) -> None:
    editor.misread_layout()


def artifact_faults(rule: Preprocessing) -> dict[str, Fault]:
    """Return the kinds of damage inside an artifact, for a student with this preprocessing."""
    return {
        "two channels swapped": Fault("layer", _swap_channels, _middle),
        "scale of the weights halved": Fault("layer", _halve_scale, _middle),
        "one scale for all channels": Fault("layer", _one_scale, _middle),
        "weights rounded twice": Fault("layer", _round_twice, _middle),
        "bias lost": Fault("layer", _lose_bias, _middle),
        "bias of another scale": Fault("layer", _grow_bias, _middle),
        "kernel mirrored": Fault("layer", _mirror, _wide),
        "half of the channels lost": Fault("layer", _lose_channels, _middle),
        "sign of the weights flipped": Fault("layer", _flip_sign, _middle),
        "input channels in another order": Fault("layer", _reorder_inputs, _middle),
        "range clipped": Fault("layer", _clip, _middle),
        "zero point shifted": Fault("layer", _shift_zero, _middle),
        "NaN in the weights": Fault("layer", _nan, _head),
        "scores moved": Fault("layer", _move_scores, _head),
        "labels in another order": Fault("labels", _reorder_labels, _head),
        "BGR for RGB": Fault("preprocessing", _bgr, _first, "BGR"),
        "another mean": Fault("preprocessing", _other_mean(rule), _first, "-1 to 1"),
        "NHWC read as NCHW": Fault("preprocessing", _layout, None, "NHWC"),
    }


def _rule(**update: Any) -> Callable[[Signature], Signature]:
    def edit(signature: Signature) -> Signature:
        spec = signature.inputs[0]
        assert spec.preprocessing is not None
        rule = spec.preprocessing.model_copy(update=update)
        return signature.model_copy(
            update={"inputs": (spec.model_copy(update={"preprocessing": rule}),)}
        )

    return edit


def _edit(**update: Any) -> Callable[[Signature], Signature]:
    return lambda signature: signature.model_copy(update=update)


def manifest_faults(signature: Signature) -> Mapping[str, tuple[str, Callable[..., Signature]]]:
    """Return the kinds of damage to a manifest: the field, and what edits it."""
    rule = signature.inputs[0].preprocessing
    assert rule is not None
    other = next(name for name in signature.classes if name != signature.positive)
    kernel = "bilinear" if rule.kernel != "bilinear" else "bicubic"
    resize = "squash" if rule.resize != "squash" else "longest"
    threshold = signature.threshold / 2
    return {
        "stale threshold": ("threshold", _edit(threshold=threshold)),
        "classes in another order": ("classes", _edit(classes=signature.classes[::-1])),
        "another positive class": ("positive", _edit(positive=other)),
        "a wrong mean": ("mean", _rule(mean=(0.5, 0.5, 0.5))),
        "a wrong deviation": ("std", _rule(std=(1.0, 1.0, 1.0))),
        "another colour order": ("colour", _rule(colour="BGR")),
        "another resize kernel": ("kernel", _rule(kernel=kernel)),
        "another crop": ("resize", _rule(resize=resize)),
        "not scaled to 1": ("scale", _rule(scale=1.0)),
    }
