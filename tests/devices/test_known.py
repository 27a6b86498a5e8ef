import pytest

from edgekit.devices.emulated import Emulated
from edgekit.devices.known import find_device, known_devices, user_file
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import InputError


@pytest.fixture(autouse=True)
def _own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))


def write(text):
    user_file().parent.mkdir(parents=True, exist_ok=True)
    user_file().write_text(text)


def test_three_need_no_entry():
    assert list(known_devices()) == ["local", "emulated", "emulated-x86"]


def test_the_project_wins_over_the_user(tmp_path):
    write('[devices.pi4]\nurl = "ssh://old"\n[devices.nano]\nurl = "ssh://nano"\nidentity = "k"\n')
    known = known_devices({"pi4": DeviceSettings(url="ssh://new")}, tmp_path)
    assert known["pi4"].url == "ssh://new"
    assert known["nano"].identity == str(user_file().parent / "k")


def test_an_entry_may_emulate_another_core():
    known = known_devices({"zero": DeviceSettings(url="emulated", cpu="cortex-a53")})
    device = find_device("zero", known)
    assert isinstance(device, Emulated)
    assert (device.name, device.settings.cpu) == ("zero", "cortex-a53")


@pytest.mark.parametrize("name", ["local", "emulated", "emulated-x86", "ssh", "ssh://a"])
def test_a_name_that_is_taken_is_refused(name):
    with pytest.raises(InputError, match="no device may be called"):
        known_devices({name: DeviceSettings(url="ssh://a")})


@pytest.mark.parametrize("text", ["[devices", '[devices.a]\nurl = "ssh:"\n', "[device.a]\n", "\0"])
def test_a_wrong_file_is_named(text):
    write(text)
    with pytest.raises(InputError, match=r"devices\.toml"):
        known_devices()


def test_an_unknown_device_lists_those_there_are():
    with pytest.raises(InputError, match="local, emulated, emulated-x86, or ssh"):
        find_device("toaster", known_devices())


def test_an_unknown_transport_is_refused():
    with pytest.raises(InputError, match="unknown url 'adb://phone'"):
        find_device("phone", known_devices({"phone": DeviceSettings(url="adb://phone")}))


def test_another_runtime_may_be_asked_for():
    device = find_device("local", known_devices(), "tflite-runtime==2.14.0")
    assert device.settings.runtime == "tflite-runtime==2.14.0"
    with pytest.raises(InputError, match="does not name a runtime"):
        find_device("local", known_devices(), "tflite")
