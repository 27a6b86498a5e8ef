"""Bundles as callers give them."""

from pathlib import Path

from edgekit.bundle import Bundle
from edgekit.face.given import Folder, path_of


def bundle_path(bundle: Bundle | Folder) -> Path:
    """Return a bundle's folder.

    Raises:
        InputError: when it is neither a Bundle nor a path.
    """
    return bundle.path if isinstance(bundle, Bundle) else path_of(bundle, "bundle")
