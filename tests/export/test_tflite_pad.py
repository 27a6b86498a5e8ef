import numpy as np
import pytest
import torch
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

from edgekit.devices.runner.sessions import SESSIONS
from edgekit.exporters.tflite_pad import plain_padding


class Pooled(torch.nn.Module):
    """A maximum over padded values, which are not negative or may be."""

    def __init__(self, positive):
        super().__init__()
        self.positive = positive
        self.first, self.last = torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(8, 4, 1)

    def forward(self, image):
        found = self.first(image)
        found = torch.relu(found) if self.positive else found
        return self.last(torch.nn.functional.max_pool2d(found, 3, 2, 1)).mean((2, 3))


@pytest.fixture(params=[True, False], ids=["behind a relu", "of any sign"])
def case(request):
    """An int8 file of the network, as litert-torch's own quantizer makes it."""
    import litert_torch
    from ai_edge_quantizer import quantizer, recipe

    torch.manual_seed(0)
    image = torch.randn(1, 3, 18, 18)
    content = litert_torch.convert(Pooled(request.param).eval(), (image,)).model_content()
    tool = quantizer.Quantizer(bytes(content), recipe.static_wi8_ai8())
    ranges = tool.calibrate({"serving_default": [{"args_0": image.numpy()}]})
    return request.param, bytes(tool.quantize(ranges).quantized_model), image.numpy()


def kinds(content):
    model = flatbuffer_utils.read_model_from_bytearray(content)
    operator = schema.BuiltinOperator
    names = {operator.PAD: "PAD", operator.PADV2: "PADV2"}
    found = [model.operatorCodes[each.opcodeIndex] for each in model.subgraphs[0].operators]
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in found]
    return [names[code] for code in codes if code in names]


def answer(content, image, path):
    path.write_bytes(content)
    return SESSIONS["litert"](str(path), ["image"], 1).run([image])


def test_a_maximum_is_padded_by_the_fast_operator_where_that_is_the_same(case, tmp_path):
    positive, content, image = case
    assert kinds(content) == ["PADV2"]
    plain = plain_padding(content)
    assert kinds(plain) == (["PAD"] if positive else ["PADV2"])
    before, after = (answer(each, image, tmp_path / "model.tflite") for each in (content, plain))
    assert np.array_equal(before, after)


def test_a_file_without_such_padding_stays_as_it_is(bundles):
    content = (bundles.of("android", "fp32") / "model.tflite").read_bytes()
    assert plain_padding(content) is content
