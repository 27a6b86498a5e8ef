"""A real OpenSSH server on the loopback interface, with keys and configuration of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from getpass import getuser
from pathlib import Path

import psutil
import pytest

from edgekit.devices.settings import DeviceSettings
from edgekit.devices.ssh import Ssh

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/sbin")
NEEDS_SSHD = "needs a real ssh server: apt-get install openssh-server"


def make_key(path: Path) -> str:
    """Make a key pair; return the public key."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True)
    return path.with_name(f"{path.name}.pub").read_text().strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _shown_processor() -> list[str]:
    """How `python -m benchmarks as` shows a processor: an ssh server does not hand it on."""
    names = ("LD_PRELOAD", "SHOWN", "SHOWN_CPUINFO")
    return [f"{name}={os.environ[name]}" for name in names if name in os.environ]


@dataclass
class Server:
    """An ssh server, and what a client needs to get in."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def set_up(self) -> None:
        host = make_key(self.folder / "host_key")
        (self.folder / "authorized_keys").write_text(make_key(self.folder / "user_key") + "\n")
        self.trust(host)
        options = {
            "Port": self.port,
            "ListenAddress": "127.0.0.1",
            "HostKey": self.folder / "host_key",
            "AuthorizedKeysFile": self.folder / "authorized_keys",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
        }
        if shown := _shown_processor():
            options["SetEnv"] = '" "'.join(shown)
        self.config("sshd_config", options)
        self.config(
            "ssh_config",
            {
                "UserKnownHostsFile": self.folder / "known_hosts",
                "GlobalKnownHostsFile": "none",
                "IdentityFile": self.folder / "user_key",
                "IdentitiesOnly": "yes",
                "IdentityAgent": "none",
            },
        )

    def config(self, name: str, options: dict) -> None:
        lines = [f'{key} "{value}"\n' for key, value in options.items()]
        (self.folder / name).write_text("".join(lines))

    def trust(self, key: str) -> None:
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key}\n")

    def start(self) -> None:
        if os.getuid() == 0:  # where it keeps its unprivileged half, which it does not make
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        command = [str(SSHD), "-D", "-e", "-f", str(self.folder / "sshd_config")]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text())

    def sessions(self) -> list[psutil.Process]:
        """The processes that serve connections, not what runs in them."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in below if process.name().startswith("sshd")]

    def drop(self) -> bool:
        """Cut every connection, as a pulled cable does; tell whether there was one."""
        found = self.sessions()
        for session in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                session.kill()
        return bool(found)

    def stop(self) -> None:
        self.drop()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def settings(self, **changes) -> DeviceSettings:
        values = {
            "url": f"ssh://{getuser()}@127.0.0.1:{self.port}",
            "python": sys.executable,
            "folder": str(self.folder / "board"),
            "ssh_config": str(self.folder / "ssh_config"),
            "runtime": "own",
            "connect_timeout_s": 20,
        }
        return DeviceSettings(**{**values, **changes})

    def device(self, **changes) -> Ssh:
        return Ssh("board", self.settings(**changes))


@pytest.fixture(scope="session")
def live_server(tmp_path_factory):
    if SSHD is None:
        pytest.skip(NEEDS_SSHD)
    server = Server(tmp_path_factory.mktemp("ssh server"))
    server.set_up()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(live_server):
    """The server, with an empty board behind it."""
    shutil.rmtree(live_server.folder / "board", ignore_errors=True)
    return live_server
