"""What works on this machine: every runtime, extra and system tool, and how to install it."""

import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

from edgekit.record import Record
from edgekit.runtimes import packages


class Finding(Record):
    """One thing that edgekit can use.

    Attributes:
        name: of the package or tool.
        purpose: what it is for.
        works: whether it works here, tried, not guessed.
        detail: its version, or why it does not work.
        install: the line that installs it; empty where nothing can.
    """

    name: str
    purpose: str
    works: bool
    detail: str
    install: str


class Examination(Record):
    """What works on this machine.

    Attributes:
        findings: in the order of the work.
    """

    findings: tuple[Finding, ...]


# Package, module that must import, what it is for. The package's name is also what pip installs.
# Behind what every project needs, what the Runtimes build and run with.
_PACKAGES: tuple[tuple[str, str, str], ...] = (
    ("torch", "torch", "tracing and distillation"),
    ("timm", "timm", "students"),
    ("open_clip_torch", "open_clip", "CLIP teachers"),
    ("transformers", "transformers", "Hugging Face teachers"),
    ("peft", "peft", "LoRA teachers"),
    *((each.name, each.module, each.purpose) for each in packages().values()),
    ("neural-compressor", "neural_compressor", "a peer to compare with"),
)


# System tool, what it is for, what to ask it, how to get it.
_TOOLS = (
    (
        "nvidia-smi",
        "an NVIDIA GPU and its driver",
        ("--query-gpu=name,driver_version", "--format=csv,noheader"),
        "install the NVIDIA driver, where there is a GPU",
    ),
    (
        "trtexec",
        "builds engines on a Jetson",
        ("--help",),
        "apt-get install tensorrt  (on a Jetson, from JetPack)",
    ),
    ("ssh", "runs bundles on boards", ("-V",), "apt-get install openssh-client"),
    (
        "qemu-aarch64-static",
        "runs bundles on an emulated ARM core",
        ("--version",),
        "apt-get install qemu-user-static",
    ),
    (
        "qemu-x86_64-static",
        "runs bundles on an emulated x86 core",
        ("--version",),
        "apt-get install qemu-user-static",
    ),
    (
        "qemu-aarch64",
        "counts instructions on an emulated ARM core",
        ("--version",),
        "apt-get install qemu-user",
    ),
    (
        "cc",
        "builds what counts there",
        ("--version",),
        "apt-get install gcc libc6-dev",
    ),
    (
        "debootstrap",
        "fetches the emulated core's Debian",
        ("--version",),
        "apt-get install debootstrap",
    ),
)

# Imports one module after the other and says of each how it went. In one process, because most of
# them import torch; a module that crashes the process is found by what was not said.
_TRY = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        fault = ""
    except BaseException as error:
        fault = (str(error).splitlines() or [type(error).__name__])[0][:160]
    print("tried", name, fault, sep="\\t", flush=True)
"""

_SATURATES = "from edgekit.devices.runner.sessions.onnxruntime import saturates; print(saturates())"


def examine() -> Examination:
    """Try everything, away from this process: a broken package may crash."""
    versions = {name: _version(name) for name, _, _ in _PACKAGES}
    faults = _import_faults([module for name, module, _ in _PACKAGES if versions[name]])
    packages = [
        _package(name, purpose, versions[name], faults.get(module, ""))
        for name, module, purpose in _PACKAGES
    ]
    tools = (_tool(*row) for row in _TOOLS)
    return Examination(findings=(*packages, *tools, _core_ml(), _products()))


def _found(name: str, purpose: str, works: bool, detail: str, install: str) -> Finding:
    return Finding(name=name, purpose=purpose, works=works, detail=detail, install=install)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _import_faults(modules: list[str]) -> dict[str, str]:
    """Import every module; return what went wrong with each, "" where nothing did."""
    faults: dict[str, str] = {}
    while left := [module for module in modules if module not in faults]:
        done = _answer([sys.executable, "-c", _TRY, *left])
        lines = (done.stdout if done else "").splitlines()
        tried = [line.split("\t") for line in lines if line.startswith("tried\t")]
        faults.update({module: fault for _, module, fault in tried})
        if len(tried) < len(left):
            faults[left[len(tried)]] = "importing it crashes or hangs"
    return faults


def _package(name: str, purpose: str, found: str | None, fault: str) -> Finding:
    install = f"pip install {name}"
    if found is None:
        return _found(name, purpose, False, f"not installed ({purpose})", install)
    if fault:
        return _found(name, purpose, False, f"{found} does not import: {fault}", install)
    return _found(name, purpose, True, f"{found} ({purpose})", install)


def _core_ml() -> Finding:
    system = platform.system()
    works = system == "Darwin"
    detail = (
        "runs Core ML artifacts" if works else f"Core ML executes on macOS only, not on {system}"
    )
    return _found("Core ML", "runs Core ML artifacts", works, detail, "")


def _products() -> Finding:
    """Try what `x86-vnni` bundles need: products of 8 bits that do not saturate."""
    done = _answer([sys.executable, "-c", _SATURATES])
    said = done.stdout.strip() if done else ""
    works, purpose = said == "False", "x86-vnni bundles are right here"
    detail = {
        "False": purpose,
        "True": "ONNX Runtime's products of 8 bits saturate on this processor: x86 bundles are "
        "right here, x86-vnni ones are not",
    }.get(said, "ONNX Runtime could not be asked")
    return _found("VNNI", purpose, works, detail, "")


def _tool(name: str, purpose: str, arguments: tuple[str, ...], install: str) -> Finding:
    # Ordinary users do not have /usr/sbin on their path.
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if path is None:
        return _found(name, purpose, False, f"not on the PATH ({purpose})", install)
    done = _answer([path, *arguments])
    if done is None or done.returncode != 0:
        return _found(name, purpose, False, f"{path} does not answer ({purpose})", install)
    first = (done.stdout.strip().splitlines() or [path])[0]
    return _found(name, purpose, True, f"{first[:80]} ({purpose})", install)


def _answer(command: list[str]) -> "subprocess.CompletedProcess[str] | None":
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
