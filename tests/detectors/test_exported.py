import contextlib
import io
import json
import logging
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from torch import nn
from torch.export import Dim, export

from edgekit.detectors.detector import save_detector
from edgekit.detectors.registry import load_detector
from edgekit.errors import InputError

GRAPH, SAMPLES = "models/model.json", "data/sample_inputs/model.pt"
WEIGHTS = "data/weights/model_weights_config.json"
CONSTANTS = "data/constants/model_constants_config.json"


class Two(nn.Module):
    """An image and a vector that is no image, with an activation whose name is a string."""

    def __init__(self):
        super().__init__()
        self.norm, self.first = nn.BatchNorm2d(3), nn.Linear(12, 8)
        self.second, self.head = nn.Linear(5, 8), nn.Linear(8, 2)
        self.register_buffer("scale", torch.rand(8))

    def forward(self, image, sound):
        hidden = self.first(self.norm(image).flatten(1)) * self.scale + self.second(sound)
        return self.head(nn.functional.gelu(hidden, approximate="tanh"))


def signature(sound=5):
    image = {"name": "image", "shape": [1, 3, 2, 2], "preprocessing": {"size": [2, 2]}}
    other = {"name": "sound", "shape": [1, sound], "layout": "ANY"}
    return {"inputs": [image, other], "classes": ["live", "spoof"], "positive": "spoof"}


TABLE = {"kind": "exported", "program": "model.pt2", "signature": signature()}


def load(base, table=TABLE):
    return load_detector(table, base, "[detector] of edgekit.toml")


def inputs(count):
    torch.manual_seed(count)
    return torch.rand(count, 3, 2, 2), torch.rand(count, 5)


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    """Save the same model with a batch of 1, a dynamic batch, and a batch of 4."""
    folder = tmp_path_factory.mktemp("programs")
    torch.manual_seed(0)
    model = Two().eval()
    batch = Dim("batch", min=1, max=64)
    for name, count, shapes in [("static", 1, None), ("dynamic", 2, {0: batch}), ("four", 4, None)]:
        dynamic = None if shapes is None else (shapes, shapes)
        torch.export.save(
            export(model, inputs(count), dynamic_shapes=dynamic), folder / f"{name}.pt2"
        )
    return model, folder


@pytest.fixture
def saved(programs, tmp_path):
    (tmp_path / "model.pt2").write_bytes((programs[1] / "dynamic.pt2").read_bytes())
    return tmp_path / "model.pt2"


@pytest.mark.parametrize("name", ["static", "dynamic"])
@pytest.mark.parametrize("count", [1, 3])
def test_any_batch_is_answered_as_by_the_model(programs, name, count):
    model, folder = programs
    detector = load(folder, TABLE | {"program": f"{name}.pt2"})
    arrays = tuple(tensor.numpy() for tensor in inputs(count))
    with torch.no_grad():
        wanted = model(*inputs(count)).numpy()
    np.testing.assert_allclose(detector.logits(arrays), wanted, atol=1e-6)


@pytest.mark.parametrize("name", ["static", "dynamic"])
def test_it_is_traced_again(programs, name):
    model, folder = programs
    detector = load(folder, TABLE | {"program": f"{name}.pt2"})
    again = export(detector.model, detector.example()).module()
    torch.testing.assert_close(again(*inputs(1)), model(*inputs(1)))


def test_a_batch_fixed_to_four_is_no_use(programs):
    with pytest.raises(InputError, match=r"\(4, 3, 2, 2\).* signature says \(1, 3, 2, 2\)"):
        load(programs[1], TABLE | {"program": "four.pt2"})


def test_a_signature_that_does_not_fit(saved):
    with pytest.raises(InputError, match=r"'sound' has shape"):
        load(saved.parent, TABLE | {"signature": signature(sound=6)})
    one = signature() | {"inputs": signature()["inputs"][:1]}
    with pytest.raises(InputError, match="takes 2 inputs, its signature has 1"):
        load(saved.parent, TABLE | {"signature": one})
    classes = signature() | {"classes": ["live", "spoof", "mask"]}
    with pytest.raises(InputError, match="wants logits"):
        load(saved.parent, TABLE | {"signature": classes})


def test_a_program_that_saw_no_gradients_keeps_its_region(tmp_path):
    class Frozen(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = nn.Linear(12, 4), nn.Linear(4, 2)

        def forward(self, image):
            with torch.no_grad():
                hidden = self.body(image.flatten(1))
            return self.head(hidden)

    model = Frozen()
    torch.export.save(export(model, inputs(1)[:1]), tmp_path / "model.pt2")
    one = signature() | {"inputs": signature()["inputs"][:1]}
    detector = load(tmp_path, TABLE | {"signature": one})
    torch.testing.assert_close(detector.model(inputs(3)[0]), model(inputs(3)[0]))


def test_it_is_not_saved_as_a_folder(saved):
    with pytest.raises(InputError, match="from a saved program"):
        save_detector(load(saved.parent), saved.parent / "saved")


def test_missing_and_empty(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        load(tmp_path)
    (tmp_path / "model.pt2").touch()
    with pytest.raises(InputError, match=r"empty \(0 bytes\)"):
        load(tmp_path)


@pytest.mark.parametrize("part", [0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_a_cut_file(saved, part, capfd):
    data = saved.read_bytes()
    saved.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InputError, match=r"damaged") as caught:
        load(saved.parent)
    assert len(str(caught.value).splitlines()) == 1
    assert capfd.readouterr() == ("", "")


def test_nan_weights(programs, tmp_path):
    model = Two().eval()
    with torch.no_grad():
        model.first.weight[0, 0] = float("nan")
    torch.export.save(export(model, inputs(1)), tmp_path / "model.pt2")
    with pytest.raises(InputError, match=r"'first.weight' holds NaN"):
        load(tmp_path)


def rewrite(path, change):
    """Change the archive's files, which are given by their names below the root folder."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        root = names[0].partition("/")[0]
        files = {name.partition("/")[2]: archive.read(name) for name in names}
    change(files)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"{root}/{name}", data)


def rewrite_json(path, name, change):
    def apply(files):
        value = json.loads(files[name])
        change(value)
        files[name] = json.dumps(value).encode()

    rewrite(path, apply)


class Bomb:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.fixture
def mark(tmp_path):
    """Where a bomb that went off leaves its mark."""
    yield tmp_path / "it-ran"
    assert not (tmp_path / "it-ran").exists()


def pickled(mark):
    buffer = io.BytesIO()
    torch.save({"a": Bomb(mark)}, buffer)
    return buffer.getvalue()


def test_the_bombs_of_these_tests_are_live(saved, tmp_path):
    """torch.export.load itself does run them: that is why edgekit does not call it on the file."""
    mark = tmp_path / "live"
    rewrite(saved, lambda files: files.update({SAMPLES: pickled(mark)}))
    logging.disable(logging.CRITICAL)
    with contextlib.suppress(Exception):
        torch.export.load(saved)
    logging.disable(logging.NOTSET)
    assert mark.exists()


def test_pickled_sample_inputs_are_never_read(saved, mark):
    wanted = load(saved.parent).logits(tuple(tensor.numpy() for tensor in inputs(2)))
    rewrite(saved, lambda files: files.update({SAMPLES: pickled(mark)}))
    got = load(saved.parent).logits(tuple(tensor.numpy() for tensor in inputs(2)))
    np.testing.assert_array_equal(got, wanted)


def refused(saved, words):
    with pytest.raises(InputError, match=words):
        load(saved.parent)


def test_a_pickled_weight_is_refused(saved, mark):
    def poison(files):
        config = json.loads(files[WEIGHTS])
        meta = config["config"]["first.weight"]
        meta["use_pickle"] = True
        files["data/weights/" + meta["path_name"]] = pickled(mark)
        files[WEIGHTS] = json.dumps(config).encode()

    rewrite(saved, poison)
    refused(saved, "refused: 'first.weight' is pickled or a custom object")


@pytest.mark.parametrize("kind", ["opaque_obj_0", "custom_obj_0"])
def test_a_pickled_object_is_refused(saved, mark, kind):
    def poison(files):
        meta = {"path_name": kind, "is_param": False, "use_pickle": False, "tensor_meta": None}
        files[CONSTANTS] = json.dumps({"config": {"c": meta}}).encode()
        files[f"data/constants/{kind}"] = pickle.dumps(Bomb(mark))

    rewrite(saved, poison)
    refused(saved, "refused: 'c' is pickled or a custom object")


@pytest.mark.parametrize("folder", ["weights", "constants"])
def test_the_older_pickled_format_is_refused(saved, mark, folder):
    def poison(files):
        files[f"data/{folder}/model.pt"] = pickled(mark)
        del files[f"data/{folder}/model_{folder}_config.json"]

    rewrite(saved, poison)
    refused(saved, "model_.*_config.json")


def test_the_oldest_format_is_refused(tmp_path, mark):
    with zipfile.ZipFile(tmp_path / "model.pt2", "w") as archive:
        archive.writestr("version", "8.20")
        archive.writestr("serialized_exported_program.json", "{}")
        archive.writestr("serialized_state_dict.pt", pickled(mark))
        archive.writestr("serialized_constants.pt", pickled(mark))
        archive.writestr("serialized_example_inputs.pt", pickled(mark))
    refused(tmp_path / "model.pt2", "it holds no model")


def test_compiled_code_is_refused(saved):
    rewrite(saved, lambda files: files.update({"data/aotinductor/model/x.so": b"\x7fELF"}))
    refused(saved, "compiled code")


def test_a_compressed_member_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.pt2", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m/models/model.json", b" " * 100_000)
    refused(tmp_path / "model.pt2", "is compressed")


@pytest.mark.parametrize(
    "target",
    [
        "torch.os.system",
        "torch.hub.load",
        "torch.ops.load_library",
        "torch.ops.aten.save.default",
        "torch.ops.aten.from_file.default",
        "torch.ops.aten.add.Tensor.__init__",
        "torch.ops.aten.add.__class__",
        "_operator.methodcaller",
        "math.os",
        "#custom:op",
    ],
)
def test_an_operator_that_is_none_is_refused(saved, target):
    def poison(program):
        program["graph_module"]["graph"]["nodes"][0]["target"] = target

    rewrite_json(saved, GRAPH, poison)
    refused(saved, "refused: target .*not known to be harmless")


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch {mark}')",
        "Symbol('s0').__class__",
        'Max(\'__import__("os").system("touch {mark}")\')',
        "exec('1')",
        "(lambda: s0)()",
        "[s0 for s0 in s1]",
        "s0 if s1 else s2",
    ],
)
def test_a_shape_that_is_code_is_refused(saved, mark, text):
    def poison(program):
        sizes = program["graph_module"]["graph"]["tensor_values"]["image"]["sizes"]
        sizes[0]["as_expr"]["expr_str"] = text.format(mark=mark)

    rewrite_json(saved, GRAPH, poison)
    refused(saved, "refused: expr_str")


def test_guards_are_left_out(saved, mark):
    def poison(program):
        program["guards_code"] = [f"__import__('os').system('touch {mark}') == 0"]

    rewrite_json(saved, GRAPH, poison)
    load(saved.parent)


@pytest.mark.parametrize("name", ["x=__import__('os')", "a\nimport os", "os.environ", "naïve"])
def test_a_name_that_is_code_is_refused(saved, name):
    def poison(program):
        program["graph_module"]["graph"]["nodes"][0]["name"] = name

    rewrite_json(saved, GRAPH, poison)
    refused(saved, "refused: name")


@pytest.mark.parametrize(
    "spec",
    [
        {"type": "collections.defaultdict", "context": "{}", "children_spec": []},
        {
            "type": "builtins.dict",
            "context": json.dumps([{"__enum__": True, "fqn": "evil:E", "name": "A"}]),
            "children_spec": [],
        },
    ],
)
def test_a_container_that_imports_is_refused(saved, spec):
    def poison(program):
        call = program["graph_module"]["module_call_graph"][0]["signature"]
        call["out_spec"] = json.dumps([1, spec])

    rewrite_json(saved, GRAPH, poison)
    refused(saved, "refused: out_spec")
