"""A Bundle: the folder that an app ships, with its manifest."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from edgekit.manifest import Manifest, read_manifest


@dataclass(frozen=True)
class Bundle:
    """A bundle on the disk.

    Attributes:
        path: its folder.
    """

    path: Path

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest; it and the hashes of all files are checked when it is first asked for.

        Raises:
            InputError: when the folder is no bundle, is incomplete, or was edited.
        """
        return read_manifest(self.path)

    @property
    def artifact(self) -> Path:
        """The file or folder that an app loads."""
        return self.path / self.manifest.artifact
