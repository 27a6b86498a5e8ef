import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from edgekit.detectors.fill import fill
from edgekit.detectors.weights import read_weights
from edgekit.errors import InputError

STATE = {"a.weight": torch.arange(12.0).reshape(3, 4), "a.bias": torch.ones(3)}


def save(path):
    save_file(STATE, path) if path.suffix == ".safetensors" else torch.save(STATE, path)
    return path


@pytest.fixture(scope="session", params=["x.safetensors", "x.pt"])
def whole(request, tmp_path_factory):
    return save(tmp_path_factory.mktemp("whole") / request.param)


def test_both_formats_give_the_same_tensors(whole):
    weights = read_weights(whole)
    assert weights.keys() == STATE.keys()
    assert all(torch.equal(weights[name], STATE[name]) for name in STATE)


def test_only_what_is_wanted_is_kept(whole):
    assert list(read_weights(whole, lambda name: name.endswith("bias"))) == ["a.bias"]


@pytest.mark.parametrize("key", ["state_dict", "model"])
def test_a_training_script_may_nest_it(tmp_path, key):
    torch.save({key: STATE}, tmp_path / "x.pt")
    assert read_weights(tmp_path / "x.pt").keys() == STATE.keys()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.floats(0, 1, exclude_max=True))
def test_a_cut_file_is_refused_wherever_it_is_cut(whole, tmp_path, part):
    data = whole.read_bytes()
    cut = tmp_path / whole.name
    cut.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InputError, match=r"empty|truncated|whole|damaged|text") as caught:
        read_weights(cut)
    assert len(str(caught.value).splitlines()) == 1


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(min_size=1, max_size=300))
def test_any_other_bytes_are_refused(tmp_path, data):
    for name in ("x.safetensors", "x.pt"):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError):
            read_weights(tmp_path / name)


@pytest.mark.parametrize("name", ["x.safetensors", "x.pt", "x.bin"])
def test_missing_and_empty(tmp_path, name):
    with pytest.raises(InputError, match="do not exist"):
        read_weights(tmp_path / name)
    (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"empty \(0 bytes\)"):
        read_weights(tmp_path / name)


@pytest.mark.parametrize("name", ["x.pt", "x.bin", "x.safetensors"])
def test_a_pickle_does_not_run(tmp_path, write_bomb, name):
    mark = write_bomb(tmp_path / name)
    with pytest.raises(InputError):
        read_weights(tmp_path / name)
    mark_of_zip = write_bomb(tmp_path / "zip.pt", lambda bomb, path: torch.save({"a": bomb}, path))
    with pytest.raises(InputError, match="pickled objects"):
        read_weights(tmp_path / "zip.pt")
    assert not mark.exists()
    assert not mark_of_zip.exists()


def test_a_torchscript_archive_is_named_as_one(tmp_path):
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), tmp_path / "x.pt")
    with pytest.raises(InputError, match="TorchScript"):
        read_weights(tmp_path / "x.pt")


@pytest.mark.parametrize("value", [[1, 2], {}, {"a": 3}, torch.ones(2)])
def test_a_torch_file_of_something_else(tmp_path, value):
    torch.save(value, tmp_path / "x.pt")
    with pytest.raises(InputError, match="state_dict"):
        read_weights(tmp_path / "x.pt")


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.safetensors").touch()
    with pytest.raises(InputError, match=r"a folder; in it lie a\.safetensors"):
        read_weights(tmp_path)


def linear(**changes):
    return {"weight": torch.ones(2, 3), "bias": torch.zeros(2)} | changes


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float8_e4m3fn])
def test_filling_makes_float32(tmp_path, dtype):
    model = nn.Linear(3, 2)
    fill(model, linear(weight=torch.full((2, 3), 0.5).to(dtype)), tmp_path)
    assert model.weight.dtype == torch.float32
    assert torch.equal(model.weight, torch.full((2, 3), 0.5))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"weight": torch.ones(2, 4)},
            r"'weight' has shape \(2, 4\), the config asks for \(2, 3\)",
        ),
        ({"bias": torch.tensor([0, float("nan")])}, "'bias' holds NaN"),
        ({"bias": torch.tensor([0, float("inf")])}, "'bias' holds NaN or infinity"),
        ({"extra": torch.ones(1)}, "'extra', which the architecture has not"),
    ],
)
def test_weights_that_do_not_fit(tmp_path, changes, words):
    with pytest.raises(InputError, match=words):
        fill(nn.Linear(3, 2), linear(**changes), tmp_path)


def test_the_first_missing_weight_is_named(tmp_path):
    with pytest.raises(InputError, match=r"lack '0.weight'"):
        fill(nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2)), {}, tmp_path)
