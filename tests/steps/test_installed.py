"""Versions of packages by what is imported of them, and what this machine is."""

from importlib.metadata import version

import pytest

from edgekit.devices.runner import machine
from edgekit.steps.installed import this_machine, versions


def test_packages_are_named_as_they_are_installed() -> None:
    found = versions(["numpy", "PIL", "ai_edge_litert"])
    assert found["numpy"] == version("numpy")
    assert found["pillow"] == version("pillow")
    assert found["ai-edge-litert"] == version("ai-edge-litert")


def test_what_is_missing_has_no_version_and_stands_under_what_is_imported() -> None:
    assert versions(["no_such_package"]) == {"no_such_package": None}


def test_the_machine_is_its_processor_its_instruction_sets_and_the_runtime(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = this_machine("litert")
    assert here == this_machine("litert")
    assert here["runtime"]["ai-edge-litert"]
    assert this_machine("onnxruntime")["runtime"].keys() == {"onnxruntime"}
    for name, other in (("_processor", "Other CPU"), ("_instruction_sets", ["SSE2"])):
        with monkeypatch.context() as patch:
            patch.setattr(machine, name, lambda other=other: other)
            assert this_machine("litert") != here
