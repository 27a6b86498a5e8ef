"""Requests to a board through the system's OpenSSH client.

It reads the user's own configuration, agent and known hosts. It never asks: a key that needs a
password, and a host whose key is not known, are refused.
"""

import hashlib
import json
import shlex
import shutil
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from edgekit.devices.board import MAGIC
from edgekit.devices.refusals import REFUSALS
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import EdgekitError, OutputError, UnavailableError
from edgekit.files import write_fault
from edgekit.process import Ended, finish

BOARD = Path(__file__).with_name("board.py")
ALIVE_S, ALIVE_TIMES = 5, 3  # a connection that is silent for 15 s has dropped
PAUSE_S = 1.0
_SSH_FAILED = 255
# Read by the board's interpreter before anything else; also by one that is too old for board.py.
_START = (
    "import sys;"
    "sys.version_info<(3,8) and sys.exit('edgekit: Python '+sys.version.split()[0]);"
    "exec(compile(sys.stdin.buffer.read({size}),'board.py','exec'))"
)


class DroppedError(UnavailableError):
    """The connection ended before the reply did; the same request may be tried again."""


@dataclass(frozen=True)
class Connection:
    """A way to a board.

    Attributes:
        name: of the Device, for messages.
        settings: where it is.
    """

    name: str
    settings: DeviceSettings

    def ask(
        self, request: Mapping[str, object], payload: bytes = b"", timeout_s: float = 600
    ) -> Any:
        """Send a request; once more where the connection drops.

        Args:
            request: see `board.py`; its `root` is added.
            payload: the bytes that it announces.
            timeout_s: when to give up, seconds.

        Returns:
            the reply and the bytes that came with it.

        Raises:
            UnavailableError: when the board cannot be reached or used.
            OutputError: when its disk is full or cannot be written.
        """
        try:
            return self._once(request, payload, timeout_s)
        except DroppedError:
            time.sleep(PAUSE_S)
            return self._once(request, payload, timeout_s)

    def _once(self, request: Mapping[str, object], payload: bytes, timeout_s: float) -> Any:
        code = BOARD.read_bytes()
        text = json.dumps({"root": self.settings.folder, **request}).encode()
        sent = code + struct.pack(">Q", len(text)) + text + payload
        hang = UnavailableError(
            f"device {self.name!r}: it did not answer within {timeout_s:g} s",
            "Check the network, or raise timeout_s of the device",
        )
        ended = finish(self._command(len(code)), timeout_s, hang, given=sent)
        reply = self._reply(ended)
        if "fault" in reply[0]:
            self._raise(reply[0])
        return reply

    def _command(self, size: int) -> list[str]:
        place, settings = urlsplit(self.settings.url), self.settings
        start = f"exec {_quoted(settings.python)} -c {shlex.quote(_START.format(size=size))}"
        options = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "ConnectTimeout": str(max(1, round(settings.connect_timeout_s))),
            "ServerAliveInterval": str(ALIVE_S),
            "ServerAliveCountMax": str(ALIVE_TIMES),
            "ForwardAgent": "no",
            "ClearAllForwardings": "yes",
            "RemoteCommand": "none",
        }
        command = [_ssh(), "-T"]
        command += [part for pair in options.items() for part in ("-o", "=".join(pair))]
        command += ["-F", settings.ssh_config] if settings.ssh_config else []
        if settings.identity:
            command += ["-i", settings.identity, "-o", "IdentitiesOnly=yes"]
        command += ["-p", str(place.port)] if place.port else []
        command += ["-l", place.username] if place.username else []
        return [*command, "--", str(place.hostname), start]

    def _reply(self, ended: Ended) -> tuple[dict[str, Any], bytes]:
        """Take the reply out of what came; a login script may have written before it."""
        _, found, rest = ended.stdout.partition(MAGIC)
        try:
            (length,) = struct.unpack(">Q", rest[:8])
            reply = json.loads(rest[8 : 8 + length])
            payload = rest[8 + length :]
            if hashlib.sha256(payload).hexdigest() == reply["payload"]["sha256"]:
                return reply, payload
        except (struct.error, ValueError, KeyError):
            pass
        raise self._fault(ended, bool(found))

    def _fault(self, ended: Ended, began: bool) -> UnavailableError:
        """Say why there is no reply."""
        what = f"device {self.name!r}: "
        for sign, meaning, fix in REFUSALS:
            if ended.code == _SSH_FAILED and not began and sign in ended.stderr:
                return UnavailableError(what + meaning, fix)
        if ended.code in (_SSH_FAILED, 0) or ended.signal or began:
            return DroppedError(
                f"{what}the connection dropped", "Check the network and run it again"
            )
        last = ended.last_line(f"exit code {ended.code}")[:200]
        if last.startswith("edgekit: Python"):
            return UnavailableError(
                f"{what}it has {last.removeprefix('edgekit: ')}, edgekit needs 3.8 there",
                "Install a newer one and name it with `python`",
            )
        return UnavailableError(
            f"{what}cannot start {self.settings.python} there: {last}",
            "Name its interpreter with `python`",
        )

    def _raise(self, reply: dict[str, Any]) -> None:
        what, folder = f"device {self.name!r}", self.settings.folder
        if reply["fault"] == "cut":
            raise DroppedError(f"{what}: the connection dropped", "Check the network and try again")
        known = write_fault(reply.get("errno"))
        if known:
            cause, _ = known
            raise OutputError(
                f"{what}: cannot write {folder} there: {cause}",
                "Make room there, or name another place with `folder`",
            )
        raise EdgekitError(f"{what}: {reply['detail'][:300]}", "Try again, or clear its folder")


def _quoted(path: str) -> str:
    """Quote a path for the board's shell, which shall still see the user's home in it."""
    home = "~/" if path.startswith("~/") else ""
    return home + shlex.quote(path.removeprefix(home))


def _ssh() -> str:
    path = shutil.which("ssh")
    if path is None:
        raise UnavailableError("there is no ssh client here", "apt-get install openssh-client")
    return path
