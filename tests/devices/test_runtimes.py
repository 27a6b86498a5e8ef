import pytest

from edgekit.devices.runtimes import choices, installed, parsed, refuse_interpreter
from edgekit.errors import InputError, UnavailableError


def test_a_runtime_is_read_from_text():
    assert str(parsed(" ai_edge_litert==1.2.0 ")) == "ai-edge-litert==1.2.0"


@pytest.mark.parametrize("text", ["", "tflite-runtime", "onnxruntime>=1.0", "torch==2.0", "==1"])
def test_anything_else_is_refused(text):
    with pytest.raises(InputError):
        parsed(text)


@pytest.mark.parametrize(
    ("text", "numpy"),
    [
        ("tflite-runtime==2.14.0", "numpy<2"),
        ("ai-edge-litert==1.0.1", "numpy<2"),
        ("ai-edge-litert==1.2.0", "numpy"),
        ("onnxruntime==1.18.1", "numpy<2"),
        ("onnxruntime==1.19.0", "numpy"),
    ],
)
def test_old_ones_get_an_old_numpy(text, numpy):
    assert parsed(text).numpy == numpy


def test_a_board_gets_the_versions_that_are_here_first():
    first, *others = choices("litert", None)
    numpy = f"numpy=={installed('numpy')}"
    assert first == (f"ai-edge-litert=={installed('ai-edge-litert')}", numpy)
    assert others[-1] == ("tflite-runtime", "numpy<2")


def test_a_board_gets_what_was_asked_for_and_nothing_else():
    asked = parsed("tflite-runtime==2.14.0")
    assert choices("litert", asked) == [("tflite-runtime==2.14.0", "numpy<2")]


def test_an_interpreter_that_gives_the_same_everywhere_runs_nowhere_else():
    with pytest.raises(UnavailableError, match=r"'pi': nothing there stands for TensorRT"):
        refuse_interpreter("reference", "pi")
    refuse_interpreter("onnxruntime", "pi")
