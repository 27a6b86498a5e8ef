import pytest

from edgekit.errors import InputError, UnavailableError
from edgekit.export import onnx
from edgekit.export.registry import RUNTIMES, runtime_named
from edgekit.target import targets


@pytest.mark.parametrize("name", RUNTIMES)
def test_every_runtime_offers_what_the_registry_promises(name):
    runtime = runtime_named(name)
    assert isinstance(runtime.FOLDED, bool)
    assert runtime.PACKAGES
    assert callable(runtime.build)


def test_every_target_names_a_runtime():
    assert {target.runtime for target in targets().values()} <= set(RUNTIMES)


def test_an_unknown_runtime_lists_those_there_are():
    with pytest.raises(InputError, match="coreml"):
        runtime_named("magic")


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(onnx, "PACKAGES", ("no_such_package",))
    with pytest.raises(UnavailableError, match="pip install no-such-package"):
        runtime_named("onnx")
