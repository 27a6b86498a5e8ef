"""What tests of several rooms share: photographs as datasets, and one tiny student's bundles."""

import os
import shutil
import signal
import subprocess
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

from edgekit.calibration.observe import observe
from edgekit.calibration.program import float_program
from edgekit.dataset import open_dataset
from edgekit.devices import counting, local
from edgekit.devices.emulated import Emulated
from edgekit.devices.emulated_x86 import EmulatedX86
from edgekit.devices.request import RUN
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import UnavailableError
from edgekit.testing.student import learn, small_signature, write_crops
from tests.small_project import (  # noqa: F401  (fixtures)
    done_project,
    edgekit,
    first_run,
    fresh_edgekit,
    fresh_project,
    new_project,
)
from tests.ssh_server import live_server, server  # noqa: F401  (fixtures)

torch.set_num_threads(1)
# In the background a shell's jobs ignore it, and so would what tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
# A busy machine is slow, which is no failure; the same examples every time, so that runs agree.
settings.register_profile(
    "edgekit",
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("edgekit")


@pytest.fixture(autouse=True, scope="session")
def _other_core():
    """Run artifacts on the emulated core that `make test-isa` names, not on this machine's."""
    cpu = os.environ.get("EDGEKIT_TEST_CPU")
    if cpu is None:
        yield
        return
    core = EmulatedX86("emulated-x86", DeviceSettings(url="emulated-x86", cpu=cpu))
    probe = core.probe()
    if not probe.works:
        pytest.skip(f"{probe.detail}: {probe.fix}")
    real = local.run

    def run(bundle, inputs, request=RUN, *rest):
        there = request if request.launcher else replace(request, launcher=core.launcher())
        return real(bundle, inputs, there, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "run", run)
        yield


@pytest.fixture(autouse=True)
def _quiet_libraries():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="torch|timm|coremltools|litert|onnx|copyreg")
        yield


@pytest.fixture(scope="session")
def write_dataset():
    return write_crops


@pytest.fixture(scope="session")
def arm_core():
    """Opens an ARM core that counts, by qemu's name; skips where qemu or a compiler is missing."""

    def opened(cpu="cortex-a76"):
        return Emulated("emulated", DeviceSettings(url="emulated", cpu=cpu))

    probe = opened().probe()
    if not probe.works:
        pytest.skip(f"{probe.detail}: {probe.fix}")
    try:
        counting.plugin()
    except UnavailableError as error:
        pytest.skip(str(error))
    return opened


@pytest.fixture(scope="session")
def signature():
    return small_signature()


@pytest.fixture(scope="session")
def data(tmp_path_factory, signature):
    """Eight sharp and eight blurred crops of photographs."""
    return open_dataset(write_crops(tmp_path_factory.mktemp("data") / "crops"), signature)


@pytest.fixture(scope="session")
def student(signature, data):
    """A residual network of timm, tiny and a little trained: else int8 has nothing to keep."""
    from edgekit.detectors.timm import new_student

    detector = new_student("test_resnet", signature)
    learn(detector, data)
    return detector


@pytest.fixture(scope="session")
def program(student):
    return float_program(student)


@pytest.fixture(scope="session")
def ranges(program, data):
    return observe(program, data)


@dataclass(frozen=True)
class Bundles:
    """Bundles of one student, each made when it is first asked for."""

    student: object
    folder: object

    def of(self, target, precision):
        from edgekit.exporters.bundle import export_bundle
        from edgekit.target import target_named

        path = self.folder / f"{target}-{precision}"
        if not path.exists():
            try:
                export_bundle(self.student, target_named(target), precision, path)
            except UnavailableError as error:  # an extra that is not here
                pytest.skip(str(error))
        return path

    def copy(self, target, precision, folder):
        """Copy a bundle that a test may damage."""
        return shutil.copytree(self.of(target, precision), folder / "bundle")


@pytest.fixture(scope="session")
def made(student, program, ranges, data):
    """Everything that bundles of the student share."""
    from edgekit.exporters.student import Student

    return Student(student, "0" * 64, program, ranges, data)


@pytest.fixture(scope="session")
def bundles(made, tmp_path_factory):
    return Bundles(made, tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount real file systems that are small or read-only; needs the right to mount."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"cannot mount a small disk here ({made.stderr.strip()}): run as root")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=False)
