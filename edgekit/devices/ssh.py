"""A board over ssh as a Device: Jetson, Raspberry Pi, any Linux board, a Mac."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.devices.board import WHOLE
from edgekit.devices.coding import coded
from edgekit.devices.device import Probe, RunResult, collected, flags, hanging
from edgekit.devices.evidence import evidence_for
from edgekit.devices.local import RUNNER
from edgekit.devices.openssh import Connection
from edgekit.devices.runtimes import MODULES, PACKAGES, parsed, refuse_unfit
from edgekit.devices.settings import OWN, DeviceSettings
from edgekit.devices.wheels import Board, wheels_for
from edgekit.errors import EdgekitError, UnavailableError
from edgekit.export.manifest import NAME, read_manifest
from edgekit.export.target import Evidence, Target
from edgekit.hashes import sha256_file, sha256_json
from edgekit.process import Ended

TIMEOUT_S = 1800.0
SPARE_S = 120.0  # what connecting, sending and answering may add to a run
TRIES = 4  # a file whose sending is cut again and again


@dataclass(frozen=True)
class Ssh:
    """A board: what runs there is sent once and kept by hash, the run's own files go away."""

    name: str
    settings: DeviceSettings

    def __call__(
        self,
        bundle: Path,
        inputs: Mapping[str, NDArray[np.float32]],
        *,
        against: Path | None = None,
        extra: Sequence[str] = (),
        **options: Any,
    ) -> RunResult:
        """Run a bundle's artifact on the board."""
        runner = read_manifest(bundle).runner
        site = self._site(runner)
        timeout_s = float(options.pop("timeout_s", self.settings.timeout_s or TIMEOUT_S))
        files = {"bundle": _files(bundle), "against": _files(against, golden=True)}
        self._send([RUNNER, *files["bundle"].values(), *files["against"].values()])
        described = [coded(name, array) for name, array in inputs.items()]
        request = {
            "do": "run",
            "site": site,
            "runner": sha256_file(RUNNER),
            **{kind: _hashes(found) for kind, found in files.items()},
            "inputs": [item for item, _ in described],
            "flags": [*flags(options), *extra],
            "timeout_s": timeout_s,
            "needs_bytes": sum(array.nbytes for array in inputs.values()),
        }
        payload = b"".join(data for _, data in described)
        reply, logits = self._connection.ask(request, payload, timeout_s + SPARE_S)
        where = f"on {self.name}"
        if reply["code"] is None:
            raise hanging(bundle, timeout_s, where)
        ended = Ended(reply["code"], stderr=reply["stderr"])
        return collected(ended, reply.get("result", "").encode(), logits, bundle, where)

    def evidence(self, target: Target) -> Evidence:
        """Return `device` where the board is what the Target is for."""
        return evidence_for(target, "device", self._about["machine"])

    def prepare(self, runner: str) -> None:
        """Send the runner, and unpack its runtime there."""
        self._site(runner)
        self._send([RUNNER])

    def probe(self) -> Probe:
        """Connect, and ask the board about itself."""
        try:
            return _probe(self._about)
        except EdgekitError as error:
            said = error.what.removeprefix(f"device {self.name!r}: ")
            return Probe(works=False, detail=said, fix=error.fix)

    @property
    def _connection(self) -> Connection:
        return Connection(self.name, self.settings)

    @cached_property
    def _about(self) -> dict[str, Any]:
        """What the board is; asked once."""
        packages = ["numpy", *MODULES]
        about, _ = self._connection.ask({"do": "probe", "packages": packages})
        return dict(about)

    @cached_property
    def _sites(self) -> dict[str, str | None]:
        return {}

    def _site(self, runner: str) -> str | None:
        """Return where the runtime lies on the board, put there first; None for its own one."""
        if runner not in self._sites:
            self._sites[runner] = self._provided(runner)
        return self._sites[runner]

    def _provided(self, runner: str) -> str | None:
        asked = self.settings.runtime
        if runner not in PACKAGES:
            _refuse_unless_darwin(self.name, self._about["system"])
            return None
        if asked == OWN:
            self._refuse_without_own(runner)
            return None
        requirement = parsed(asked) if asked else None
        if requirement:
            refuse_unfit(requirement, runner)
        try:
            return self._installed(wheels_for(_board(self._about), runner, requirement))
        except UnavailableError:
            if requirement or not self._own(runner):
                raise
            return None

    def _installed(self, wheels: list[Path]) -> str:
        """Unpack wheels on the board unless they are; only what is missing is sent."""
        hashes = [sha256_file(wheel) for wheel in wheels]
        site = sha256_json(hashes)[:16]
        found, _ = self._connection.ask({"do": "state", "objects": [], "site": site})
        if not found["site"]:
            self._send(wheels)
            self._connection.ask({"do": "install", "site": site, "wheels": hashes})
        return site

    def _own(self, runner: str) -> bool:
        versions = self._about["versions"]
        return bool(versions["numpy"] and any(versions[name] for name in PACKAGES[runner]))

    def _refuse_without_own(self, runner: str) -> None:
        if not self._own(runner):
            wanted = " or ".join(PACKAGES[runner])
            raise UnavailableError(
                f"device {self.name!r}: its {self.settings.python} has no {wanted} with numpy",
                "Install it there, or leave `runtime` out so that edgekit does",
            )

    def _send(self, paths: list[Path]) -> None:
        """Send the files that are not on the board, each from where an earlier try stopped."""
        names = {sha256_file(path): path for path in paths}
        request = {"do": "state", "objects": list(names), "site": None}
        found, _ = self._connection.ask(request)
        for name, present in found["objects"].items():
            self._send_one(name, names[name], present)

    def _send_one(self, name: str, path: Path, present: int) -> None:
        data = path.read_bytes()
        for _ in range(TRIES):
            if present == WHOLE:
                return
            request = {"do": "put", "name": name, "size": len(data), "offset": present}
            reply, _ = self._connection.ask(request, data[present:])
            present = reply["present"]
        raise UnavailableError(
            f"device {self.name!r}: {path.name} did not arrive whole in {TRIES} tries",
            "Check its network and its disk",
        )


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
        from edgekit.export.golden import FOLDER  # imports torch

        paths += sorted((bundle / FOLDER / "inputs").glob("*.npy"))
    return {path.relative_to(bundle).as_posix(): path for path in paths}


def _hashes(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: sha256_file(path) for name, path in files.items()}


def _board(about: dict[str, Any]) -> Board:
    python = ".".join(about["python"].split(".")[:2])
    return Board(about["machine"], about["system"], python, about["libc"])


def _probe(about: dict[str, Any]) -> Probe:
    return Probe(
        works=True,
        detail=f"{about['system']} {about['release']}",
        machine=about["machine"],
        python=about["python"],
        runtimes={name: found for name, found in about["versions"].items() if found},
        free_bytes=about["free_bytes"],
    )


def _refuse_unless_darwin(name: str, system: str) -> None:
    if system != "Darwin":
        raise UnavailableError(
            f"device {name!r}: Core ML executes on macOS only, this is {system}",
            "Name a Mac with --device",
        )


def open_device(name: str, settings: DeviceSettings) -> Ssh:
    """Open a board; nothing is sent yet."""
    return Ssh(name, settings)
