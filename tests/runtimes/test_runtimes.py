"""Every Runtime's description agrees with what it names."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from edgekit.calibration.scheme import SCHEMES
from edgekit.devices.runner.sessions import SESSIONS
from edgekit.errors import InputError
from edgekit.runtimes import packages, runtime_named, runtime_of, runtimes
from edgekit.search.profilers import profiler_of
from edgekit.target import targets
from edgekit.verification.layers.artifacts import tracer_of

each = pytest.mark.parametrize("runtime", runtimes().values(), ids=runtimes())


@each
def test_the_modules_that_it_names_are_there(runtime):
    assert find_spec(f"edgekit.exporters.{runtime.builder}")
    for module in (tracer_of(runtime.runner), profiler_of(runtime.runner)):
        assert module is None or find_spec(module), module


@each
def test_its_schemes_are_there(runtime):
    assert runtime.schemes
    assert set(runtime.schemes) <= set(SCHEMES)


def test_the_runner_has_their_sessions_and_no_others():
    assert {found.runner for found in runtimes().values() if not found.session} == set(SESSIONS)


@pytest.mark.parametrize("target", targets().values(), ids=targets())
def test_a_target_names_a_runtime_and_a_scheme_that_it_executes(target):
    assert target.scheme in runtime_named(target.runtime).schemes


def test_a_runtime_is_found_by_its_runner():
    assert runtime_of("litert") is runtime_named("tflite")
    assert runtime_of("magic") is None


def test_an_unknown_runtime_lists_those_there_are():
    with pytest.raises(InputError, match="coreml"):
        runtime_named("magic")


def test_a_package_is_listed_once():
    assert len(packages()) == len({package.module for package in packages().values()})


def test_reading_them_imports_nothing_heavy():
    code = "import sys, edgekit.runtimes as r; r.runtimes(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "numpy", "onnx", "pydantic"} & set(done.stdout.split())
