"""Put on a board what runs there: the runner, artifacts, and the wheels of a runtime.

Everything is known by its SHA-256. What is there already is not sent, what was cut is carried on.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from edgekit.devices.board import WHOLE
from edgekit.devices.openssh import Connection
from edgekit.devices.runtimes import (
    MODULES,
    PACKAGES,
    parsed,
    refuse_interpreter,
    refuse_system,
    refuse_unfit,
)
from edgekit.devices.settings import OWN
from edgekit.devices.wheels import Board, wheels_for
from edgekit.errors import UnavailableError
from edgekit.hashes import sha256_file, sha256_json
from edgekit.record import Record

TRIES = 4  # a file whose sending is cut again and again


class BoardReport(Record):
    """What `board.probe` says of a board.

    Attributes:
        machine: the interpreter's architecture.
        system, release: of its kernel.
        python: version.
        libc: version of the C library; of macOS there.
        free_bytes: room on the disk.
        versions: of the packages that were asked for; None where one is not installed.
    """

    machine: str
    system: str
    release: str
    python: str
    libc: str
    free_bytes: int
    versions: dict[str, str | None]


@dataclass(frozen=True)
class Provision:
    """What is on a board, as far as this process has asked or sent.

    Attributes:
        connection: the way there.
    """

    connection: Connection

    @cached_property
    def about(self) -> BoardReport:
        """What the board is; asked once.

        Raises:
            UnavailableError: when it cannot be reached.
        """
        packages = ["numpy", *MODULES]
        about, _ = self.connection.ask({"do": "probe", "packages": packages})
        return BoardReport.from_json(about, self.connection.name)

    @cached_property
    def _sites(self) -> dict[str, str | None]:
        return {}

    def site(self, runner: str) -> str | None:
        """Return the name of the site with a bundle's runtime; None for the board's own one.

        Args:
            runner: of the bundle's manifest. Its wheels are put there first.

        Raises:
            UnavailableError: when the board cannot have it.
        """
        if runner not in self._sites:
            self._sites[runner] = self._provided(runner)
        return self._sites[runner]

    def _provided(self, runner: str) -> str | None:
        asked = self.connection.settings.runtime
        refuse_interpreter(runner, self.connection.name)
        if runner not in PACKAGES:
            name, system = self.connection.name, self.about.system
            refuse_system(runner, f"device {name!r}", system)
            return None
        if asked == OWN:
            self._refuse_without_own(runner)
            return None
        requirement = parsed(asked) if asked else None
        if requirement:
            refuse_unfit(requirement, runner)
        try:
            wheels = wheels_for(self._board(), runner, requirement)
        except UnavailableError:
            if requirement or not self._has_own(runner):
                raise
            return None
        return self._installed(wheels)

    def _board(self) -> Board:
        about = self.about
        python = ".".join(about.python.split(".")[:2])
        return Board(about.machine, about.system, python, about.libc)

    def _installed(self, wheels: list[Path]) -> str:
        """Unpack wheels on the board unless they are."""
        hashes = [sha256_file(wheel) for wheel in wheels]
        site = sha256_json(hashes)[:16]
        found, _ = self.connection.ask({"do": "state", "objects": [], "site": site})
        if not found["site"]:
            self.send(wheels)
            self.connection.ask({"do": "install", "site": site, "wheels": hashes})
        return site

    def _has_own(self, runner: str) -> bool:
        versions = self.about.versions
        return bool(versions["numpy"] and any(versions[name] for name in PACKAGES[runner]))

    def _refuse_without_own(self, runner: str) -> None:
        if not self._has_own(runner):
            wanted, python = " or ".join(PACKAGES[runner]), self.connection.settings.python
            raise UnavailableError(
                f"device {self.connection.name!r}: its {python} has no {wanted} with numpy",
                "Install it there, or leave `runtime` out so that edgekit does",
            )

    def send(self, paths: list[Path]) -> None:
        """Send the files that are not on the board, each from where an earlier try stopped.

        Raises:
            UnavailableError: when one does not arrive.
            OutputError: when the board's disk is full or cannot be written.
        """
        names = {sha256_file(path): path for path in paths}
        request = {"do": "state", "objects": list(names), "site": None}
        found, _ = self.connection.ask(request)
        for name, present in found["objects"].items():
            self._send_one(name, names[name], present)

    def _send_one(self, name: str, path: Path, present: int) -> None:
        data = path.read_bytes()
        for _ in range(TRIES):
            if present == WHOLE:
                return
            request = {"do": "put", "name": name, "size": len(data), "offset": present}
            reply, _ = self.connection.ask(request, data[present:])
            present = reply["present"]
        raise UnavailableError(
            f"device {self.connection.name!r}: {path.name} did not arrive whole in {TRIES} tries",
            "Check its network and its disk",
        )
