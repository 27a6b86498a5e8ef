import re
import tomllib
from pathlib import Path

import pytest

from edgekit.devices.evidence import evidence_for
from edgekit.errors import InputError
from edgekit.evidence import Evidence
from edgekit.target import Target, checked_precision, target_named, targets


def test_the_devices_that_users_know_are_here():
    assert {"jetson", "iphone", "android", "x86"} <= set(targets())


@pytest.mark.parametrize("target", targets().values(), ids=targets())
def test_a_target_can_be_built_in_its_own_precision(target):
    assert target.precision in target.precisions
    assert target.title
    assert target.evidence in (Evidence.REFERENCE, Evidence.HOST)
    assert checked_precision(target, None) == target.precision


def test_an_unknown_target_lists_those_there_are():
    with pytest.raises(InputError, match=r"'toaster'.*android.*jetson"):
        target_named("toaster")


def test_a_precision_that_cannot_be_built_lists_those_that_can():
    with pytest.raises(InputError, match=r"'int4'.*fp32, fp16, int8"):
        checked_precision(target_named("x86"), "int4")


def test_a_wrong_key_is_named():
    with pytest.raises(InputError, match=r"targets/new\.toml: runtme"):
        Target.parse(target_named("x86").to_json() | {"runtme": 1}, "targets/new.toml")


@pytest.mark.parametrize(
    ("key", "said"), [("runtime", "none of onnx, "), ("scheme", "of onnx's: ")]
)
def test_what_nothing_executes_is_refused(key, said):
    with pytest.raises(InputError, match=said):
        Target.parse(target_named("x86").to_json() | {key: "magic"}, "targets/new.toml")


def test_the_documents_example_earns_evidence_on_a_real_one():
    page = (Path(__file__).parents[1] / "docs" / "adding.md").read_text()
    table = tomllib.loads(re.search(r"```toml\n(title.*?)```", page, flags=re.DOTALL)[1])
    pi = Target.parse({"name": "pi", **table}, "pi.toml")
    assert evidence_for(pi, "device", "aarch64") == "device"
    assert evidence_for(pi, "device", "x86_64") == "host"
