import pytest

from edgekit.devices import local
from edgekit.devices.device import DEVICES, device_named
from edgekit.errors import InputError


def test_this_machine_is_a_device():
    assert device_named("local") is local.run


@pytest.mark.parametrize("name", DEVICES)
def test_every_device_can_run(name):
    assert callable(device_named(name))


def test_an_unknown_device_lists_those_there_are():
    with pytest.raises(InputError, match="local"):
        device_named("toaster")
