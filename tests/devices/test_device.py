import pytest

from edgekit.devices.device import TRANSPORTS, Device, device_named, open_device
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import InputError

URLS = {name: name for name in TRANSPORTS} | {"ssh": "ssh://board"}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_transport_opens_a_device(transport):
    device = open_device("a board", DeviceSettings(url=URLS[transport]))
    assert isinstance(device, Device)
    assert device.name == "a board"


def test_a_url_is_a_device():
    assert device_named("ssh://me@board:2222").settings.url == "ssh://me@board:2222"


def test_an_open_device_is_taken_as_it_is():
    device = device_named("local")
    assert device_named(device) is device


def test_an_unknown_device_lists_those_there_are():
    with pytest.raises(InputError, match="local"):
        device_named("toaster")
