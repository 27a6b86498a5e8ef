"""Where steps leave what they made, and how they know that it is still right.

A step's key is the hash of everything that its result depends on: contents, settings, tool
versions and edgekit's own code. A result is reused when the key is the same and what lies on the
disk still has the hash that was noted when it was made. Nothing here imports torch, so that a run
with nothing to do ends at once.
"""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import edgekit
from edgekit.errors import InputError
from edgekit.files import read_json, write_json
from edgekit.hashes import sha256_json, sha256_tree
from edgekit.progress import Reporter, Silent
from edgekit.steps.project import OpenProject

if TYPE_CHECKING:
    from edgekit.devices.device import Device

_ROOMS = Path(edgekit.__file__).parent
# The files that turn a sample on the disk into a model's input.
SAMPLES = (
    *("dataset.py", "class_folders.py", "listing.py", "walk.py", "contents.py", "images.py"),
    *("inputs.py", "preprocess.py", "signature.py"),
)
# Besides the room of the step itself, whose results change with these packages.
_TOOLS = ("torch", "timm", "onnx", "onnxscript", "onnxruntime", "litert-torch", "coremltools")


class Workspace:
    """A project with its reporter and the record of what was made.

    Attributes:
        project: what was asked for.
        reporter: hears about the steps.
        force: steps whose names begin so are done again; "" for all, None for none.
    """

    def __init__(
        self, project: OpenProject, reporter: Reporter | None = None, force: str | None = None
    ) -> None:
        self.project = project
        self.reporter = reporter or Silent()
        self.force = force
        self.memory: dict[str, Any] = {}

    def made(
        self,
        step: str,
        output: Path,
        depends: dict[str, Any],
        make: Callable[[], str],
        again: bool = False,
        part: bool = False,
    ) -> Path:
        """Make `output` unless it is there already for the same `depends`.

        Args:
            step: the step's name, for the record and the reporter.
            output: file or folder that the step leaves.
            depends: everything that the result depends on, as JSON values.
            make: does the work; returns one line about it.
            again: make it whatever is there.
            part: it happens inside another step, whose bar stays.

        Returns:
            `output`.
        """
        record = self.project.output / ".steps" / f"{step.replace(' ', '-')}.json"
        key = sha256_json(depends)
        forced = self.force is not None and step.startswith(self.force)
        if not forced and not again and self._is_current(record, key, output):
            self.reporter.done(step, str(read_json(record)["detail"]), reused=True)
            return output
        if not part:
            self.reporter.start(step)
        detail = make()
        write_json(record, {"key": key, "output": sha256_tree(output), "detail": detail})
        self.reporter.done(step, detail)
        return output

    def _is_current(self, record: Path, key: str, output: Path) -> bool:
        if not record.is_file() or not output.exists():
            return False
        try:
            noted = read_json(record)
        except InputError:  # damaged by something else; the step is done again
            return False
        return bool(noted["key"] == key and noted["output"] == sha256_tree(output))

    def remember(self, name: str, make: Callable[[], Any]) -> Any:
        """Make a value once in this process."""
        if name not in self.memory:
            self.memory[name] = make()
        return self.memory[name]

    def tree_sha256(self, folder: Path) -> str:
        """Hash a folder once in this process."""
        digest: str = self.remember(f"sha256 {folder}", lambda: sha256_tree(folder))
        return digest


def code_sha256(*rooms: str) -> dict[str, str]:
    """Hash edgekit's own code, so that a changed edgekit does not reuse an older one's results.

    Args:
        rooms: folders or files of edgekit, such as `distill` or `export`.
    """
    from edgekit import calibration, export

    mapped = {"export": export.__path__[0], "calibration": calibration.__path__[0]}
    found = {}
    for room in rooms:
        root = Path(mapped.get(room, str(_ROOMS / room)))
        sources = [root] if root.is_file() else _sources(root)
        found[room] = sha256_json([sha256_tree(source) for source in sources])
    return found


def _sources(room: Path) -> list[Path]:
    """List a room's files: code, and the weights and templates that go with it."""
    found = (path for path in room.rglob("*") if path.is_file())
    return sorted(path for path in found if path.parent.name != "__pycache__")


def tool_versions() -> dict[str, str | None]:
    """Return the installed versions of what builds and trains; None where one is missing."""
    return {name: _version(name) for name in _TOOLS}


def this_machine(runner: str) -> dict[str, Any]:
    """Return what the result of running an artifact here depends on besides the artifact.

    A runtime chooses its kernels by the processor's instruction sets; they differ in what they
    compute and in how fast they are beside each other.

    Args:
        runner: of the bundle's manifest.
    """
    from edgekit.devices.runner import environment
    from edgekit.devices.runtimes import PACKAGES

    here = environment()
    return {
        **{name: here[name] for name in ("processor", "machine", "instruction_sets")},
        "runtime": {name: _version(name) for name in PACKAGES.get(runner, ())},
    }


def machine_of(device: "Device", runner: str) -> dict[str, Any]:
    """Return what the result of running an artifact on a Device depends on besides the artifact.

    Args:
        device: where it runs.
        runner: of the bundle's manifest.
    """
    if device.settings.transport == "local":
        return {**this_machine(runner), "device": device.settings.to_json()}
    found = device.probe()
    about = {"machine": found.machine, "runtimes": found.runtimes}
    return {**about, "device": device.settings.to_json()}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
