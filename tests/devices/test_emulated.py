"""An ARM core that is none: the runtimes' own aarch64 builds, run for real."""

import os

import numpy as np
import pytest

from edgekit.devices import archive, local, qemu, sysroot
from edgekit.devices.emulated import Emulated
from edgekit.devices.request import Request
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import EdgekitError, InputError, UnavailableError


@pytest.fixture
def device():
    return Emulated("emulated", DeviceSettings(url="emulated"))


@pytest.fixture
def ready(device):
    """A device whose tools are here."""
    probe = device.probe()
    if not probe.works:
        pytest.skip(f"{probe.detail}: {probe.fix}")
    return device


@pytest.mark.slow
@pytest.mark.parametrize("target", ["android", "x86"])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_arm_builds_of_the_runtimes_run(ready, bundles, golden, target, precision):
    bundle = bundles.of(target, precision)
    there, here = ready(bundle, golden), local.run(bundle, golden)
    assert there.runtime == here.runtime
    tolerance = 1e-4 if precision == "fp32" else 0.5
    np.testing.assert_allclose(there.logits, here.logits, atol=tolerance)


@pytest.mark.slow
def test_a_crash_on_the_emulated_core_names_its_signal(
    ready, bundles, golden, tmp_path, monkeypatch
):
    monkeypatch.setattr(archive, "MAIN", "import ctypes; ctypes.string_at(0)")
    with pytest.raises(EdgekitError, match=r"crashed on .* with SIGSEGV"):
        ready(bundles.of("android", "int8"), golden)


@pytest.mark.slow
def test_an_unknown_core_is_one_line(ready, bundles, golden):
    other = Emulated("odd", DeviceSettings(url="emulated", cpu="pentium"))
    with pytest.raises(EdgekitError) as caught:
        other(bundles.of("android", "int8"), golden)
    assert "pentium" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_an_old_runtime_runs_there_too(ready, bundles, golden):
    old = Emulated("old", DeviceSettings(url="emulated", runtime="tflite-runtime==2.14.0"))
    assert old(bundles.of("android", "fp32"), golden).runtime == "tflite-runtime 2.14.0"


def test_it_is_never_timed(device, bundles, golden):
    with pytest.raises(UnavailableError, match="cannot time on an emulated core"):
        device(bundles.of("android", "fp32"), golden, Request(runs=5))


def test_core_ml_does_not_run_there(device, bundles, golden, with_tools):
    with pytest.raises(UnavailableError) as caught:
        device(bundles.of("iphone", "fp32"), golden)
    assert caught.value.reason == "Core ML executes on macOS only, this is Linux"


def test_a_runtime_of_its_own_is_refused(bundles, golden, with_tools):
    device = Emulated("emulated", DeviceSettings(url="emulated", runtime="own"))
    with pytest.raises(InputError, match="no runtime of its own"):
        device(bundles.of("android", "fp32"), golden)


@pytest.fixture
def with_tools(tmp_path, monkeypatch):
    """A machine that has every tool; none of them is started."""
    for name in ("qemu-aarch64", "debootstrap", "dpkg-deb"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "package"), [("qemu", "qemu-user-static"), ("debootstrap", "debootstrap")]
)
def test_a_missing_tool_names_its_package(device, with_tools, monkeypatch, name, package):
    which = qemu.shutil.which
    monkeypatch.setattr(
        qemu.shutil, "which", lambda tool, **path: None if name in tool else which(tool, **path)
    )
    probe = device.probe()
    assert not probe.works
    assert name in probe.detail
    assert probe.fix == f"apt-get install {package}"
    with pytest.raises(UnavailableError, match=f"apt-get install {package}"):
        device.prepare("litert") if name == "qemu" else qemu.tool(name, package)


def test_what_debootstrap_says_is_one_line(with_tools, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = "#!/bin/sh\necho 'I: trying'\necho 'E: No such mirror' >&2\nexit 1\n"
    (with_tools / "debootstrap").write_text(text)
    with pytest.raises(UnavailableError, match="cannot fetch Debian's packages: No such mirror"):
        sysroot.sysroot()
    left = [path.name for path in (tmp_path / "cache" / "edgekit" / "sysroots").iterdir()]
    assert left == [f"{sysroot.SUITE}-{sysroot.ARCHITECTURE}-{sysroot.FORMAT}.lock"]
