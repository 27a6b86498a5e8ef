import pytest

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
