"""A board over ssh as a Device: Jetson, Raspberry Pi, any Linux board, a Mac."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.archive import packed, write_runner
from edgekit.devices.coding import coded, parts
from edgekit.devices.collect import LEFT, collected, hanging
from edgekit.devices.device import Probe, RunnerResult
from edgekit.devices.evidence import evidence_for
from edgekit.devices.openssh import Connection
from edgekit.devices.provision import BoardReport, Provision
from edgekit.devices.request import RUN, Request
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import EdgekitError
from edgekit.evidence import Evidence
from edgekit.files import writing
from edgekit.hashes import sha256_file
from edgekit.manifest import GOLDEN, NAME, read_manifest
from edgekit.process import Ended
from edgekit.target import Target

TIMEOUT_S = 1800.0
SPARE_S = 120.0  # what connecting, sending and answering may add to a run


@dataclass(frozen=True)
class Ssh:
    """A board: what runs there is sent once and kept by hash, the run's own files go away."""

    name: str
    settings: DeviceSettings

    @cached_property
    def _board(self) -> Provision:
        return Provision(Connection(self.name, self.settings))

    def __call__(
        self,
        bundle: Path,
        inputs: Mapping[str, NDArray[np.float32]],
        request: Request = RUN,
    ) -> RunnerResult:
        """Run a bundle's artifact on the board."""
        site = self._board.site(read_manifest(bundle).runner)
        timeout_s = request.timeout_s or self.settings.timeout_s or TIMEOUT_S
        files = {"bundle": _files(bundle), "against": _files(request.against, golden=True)}
        self._send([*files["bundle"].values(), *files["against"].values()])
        described = [coded(name, array) for name, array in inputs.items()]
        asked = {
            "do": "run",
            "site": site,
            "runner": sha256(packed()).hexdigest(),
            **{kind: _hashes(found) for kind, found in files.items()},
            "inputs": [item for item, _ in described],
            "flags": request.flags(),
            "left": LEFT,
            "timeout_s": timeout_s,
            "needs_bytes": sum(array.nbytes for array in inputs.values()),
        }
        payload = b"".join(data for _, data in described)
        reply, data = self._board.connection.ask(asked, payload, timeout_s + SPARE_S)
        where = f"on {self.name}"
        if reply["code"] is None:
            raise hanging(bundle, timeout_s, where)
        ended = Ended(reply["code"], stderr=reply["stderr"])
        return collected(ended, parts(data, reply["left"]), request, bundle, where)

    def _send(self, files: list[Path]) -> None:
        """Send the runner and some files, unless they are there."""
        with tempfile.TemporaryDirectory(prefix="edgekit-") as scratch:
            with writing(Path(scratch)):
                runner = write_runner(Path(scratch))
            self._board.send([runner, *files])

    def evidence(self, target: Target) -> Evidence:
        """Return `device` where the board is what the Target is for."""
        return evidence_for(target, Evidence.DEVICE, self._board.about.machine)

    def prepare(self, runner: str) -> None:
        """Send the runner, and unpack its runtime there."""
        self._board.site(runner)
        self._send([])

    def probe(self) -> Probe:
        """Connect, and ask the board about itself."""
        try:
            return _probe(self._board.about)
        except EdgekitError as error:
            said = error.what.removeprefix(f"device {self.name!r}: ")
            return Probe(works=False, detail=said, fix=error.fix)


def _files(bundle: Path | None, golden: bool = False) -> dict[str, Path]:
    """Return what the runner reads of a bundle, by relative name.

    Args:
        bundle: its folder; None where there is none.
        golden: whether it reads the golden inputs too.
    """
    if bundle is None:
        return {}
    artifact = bundle / read_manifest(bundle).artifact
    inside = sorted(artifact.rglob("*")) if artifact.is_dir() else [artifact]
    paths = [bundle / NAME, *(path for path in inside if path.is_file())]
    if golden:
        paths += sorted((bundle / GOLDEN / "inputs").glob("*.npy"))
    return {path.relative_to(bundle).as_posix(): path for path in paths}


def _hashes(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: sha256_file(path) for name, path in files.items()}


def _probe(about: BoardReport) -> Probe:
    return Probe(
        works=True,
        detail=f"{about.system} {about.release}",
        machine=about.machine,
        python=about.python,
        runtimes={name: found for name, found in about.versions.items() if found},
        free_bytes=about.free_bytes,
    )


def open_device(name: str, settings: DeviceSettings) -> Ssh:
    """Open a board; nothing is sent yet."""
    return Ssh(name, settings)
