"""The `[devices.<name>]` table: where a Device is and what it needs."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from edgekit.settings import Settings

Seconds = Annotated[float, Field(gt=0)]
OWN = "own"


class DeviceSettings(Settings):
    """One Device.

    Attributes:
        url: `local`, `emulated`, `emulated-x86` or `ssh://user@host:port`; user and port may be
            left to the user's own ssh configuration, the host may be a name from there.
        python: the interpreter on the board.
        folder: where edgekit keeps its things on the board; `~` is the user's home there.
        runtime: `package==version` of another runtime than the usual one; `own` for what is
            installed on the board already.
        timeout_s: how long one run may take, seconds; the transport's own limit when left out.
        connect_timeout_s: how long reaching the board may take, seconds.
        identity: file of the private key; ssh's own choice (agent, configuration) when left out.
        ssh_config: ssh's configuration; the user's own when left out.
        cpu: which core is emulated, a name that qemu knows; the transport's own choice when left
            out.
    """

    url: str
    python: str = "python3"
    folder: str = "~/.cache/edgekit"
    runtime: str | None = None
    timeout_s: Seconds | None = None
    connect_timeout_s: Seconds = 10
    identity: str | None = None
    ssh_config: str | None = None
    cpu: str | None = None

    @field_validator("url")
    @classmethod
    def _has_a_host(cls, url: str) -> str:
        if url.startswith("ssh:"):
            place = urlsplit(url)
            # A leading dash would be read as one of ssh's options.
            if not place.hostname or place.hostname.startswith("-") or place.path.strip("/"):
                raise ValueError("write it as ssh://user@host or ssh://user@host:port")
            if place.password is not None:
                raise ValueError("a password is not taken: use a key")
            if place.username is not None and place.username.startswith("-"):
                raise ValueError("no user is called that")
            _ = place.port  # raises ValueError where it is no port
        return url

    @model_validator(mode="after")
    def _knows_the_runtime(self) -> Self:
        from edgekit.devices.runtimes import parsed

        if self.runtime not in (None, OWN):
            parsed(str(self.runtime))
        return self

    @property
    def transport(self) -> str:
        """The part of the URL that says how to get there."""
        return self.url.partition(":")[0]

    def relative_to(self, folder: Path) -> "DeviceSettings":
        """Return the settings with the paths on this machine made absolute.

        Args:
            folder: where relative paths start: the folder of the file that names the Device.
        """
        paths = {
            name: str(folder / Path(value).expanduser())
            for name, value in (("identity", self.identity), ("ssh_config", self.ssh_config))
            if value is not None
        }
        return self.model_copy(update=paths)
