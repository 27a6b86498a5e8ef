import pytest

from edgekit.devices.settings import DeviceSettings
from edgekit.errors import InputError


@pytest.mark.parametrize(
    "url",
    [
        "local",
        "emulated",
        "emulated-x86",
        "ssh://pi4",
        "ssh://me@10.0.0.7",
        "ssh://me@pi.local:2222",
        "ssh://[::1]",
    ],
)
def test_these_are_places(url):
    assert DeviceSettings.parse({"url": url}, "here").transport == url.partition(":")[0]


@pytest.mark.parametrize(
    "url",
    [
        "ssh:",
        "ssh://",
        "ssh://me@",
        "ssh://-oProxyCommand=touch",
        "ssh://-l@host",
        "ssh://me:secret@host",
        "ssh://host:port",
        "ssh://host:99999",
        "ssh://host/folder",
    ],
)
def test_these_are_not(url):
    with pytest.raises(InputError, match="devices: url"):
        DeviceSettings.parse({"url": url}, "devices")


@pytest.mark.parametrize("runtime", ["onnxruntime", "onnxruntime>=1", "numpy==2", "", "a==1 b==2"])
def test_a_runtime_is_a_package_of_one_version(runtime):
    with pytest.raises(InputError):
        DeviceSettings.parse({"url": "local", "runtime": runtime}, "devices")


def test_paths_start_at_the_file_that_names_them(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    given = {"url": "ssh://a", "identity": "keys/pi", "ssh_config": "~/.ssh/lab"}
    found = DeviceSettings.parse(given, "devices").relative_to(tmp_path)
    assert found.identity == str(tmp_path / "keys" / "pi")
    assert found.ssh_config == "/home/somebody/.ssh/lab"
