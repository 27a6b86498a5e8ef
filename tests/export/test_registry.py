from dataclasses import replace

import pytest

from edgekit.errors import UnavailableError
from edgekit.exporters.registry import builder_of
from edgekit.runtime import Package
from edgekit.runtimes import runtime_named, runtimes


@pytest.mark.parametrize("name", runtimes())
def test_every_runtime_has_a_builder(name):
    assert callable(builder_of(runtime_named(name)).build)


def test_a_missing_package_says_how_to_get_it():
    missing = Package("no-such-package", "no_such_package.inner", "nothing")
    runtime = replace(runtime_named("onnx"), builds_with=(missing,))
    with pytest.raises(UnavailableError, match="pip install no-such-package"):
        builder_of(runtime)
