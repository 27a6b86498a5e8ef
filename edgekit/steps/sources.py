"""Where the modules of edgekit lie, and the data that go with its packages."""

from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import edgekit
from edgekit.hashes import sha256_file
from edgekit.steps.imports import Names, names_in

PACKAGE = "edgekit"
HERE = Path(edgekit.__file__).parent
_NO_DATA = (".py", ".pyc", ".toml")


class Sources:
    """The files of one edgekit; each is looked up, read and hashed once.

    Args:
        folders: where packages lie, by name; those that are not named lie in their parent's
            folder. This edgekit's own when left out.
    """

    def __init__(self, folders: Mapping[str, Path] | None = None) -> None:
        self._folders = dict(folders or {PACKAGE: HERE})
        self._files: dict[str, Path | None] = {}
        self._names: dict[str, Names] = {}
        self._data: dict[str, dict[str, Path]] = {}
        self._hashes: dict[Path, str] = {}

    def file(self, module: str) -> Path | None:
        """Return the file of a module; None where there is no such module."""
        if module not in self._files:
            self._files[module] = self._find(module)
        return self._files[module]

    def _find(self, module: str) -> Path | None:
        if module in self._folders:
            return self._folders[module] / "__init__.py"
        parent, _, name = module.rpartition(".")
        if not name.isidentifier() or not self.is_package(parent):
            return None
        folder = self.folder(parent)
        for path in (folder / name / "__init__.py", folder / f"{name}.py"):
            if path.is_file():
                return path
        return self._elsewhere(module) if parent == PACKAGE else None

    def _elsewhere(self, module: str) -> Path | None:
        """Find a room that does not lie in the package's folder, as Python would."""
        if self._folders[PACKAGE] != HERE:
            return None
        spec = find_spec(module)
        return Path(spec.origin) if spec and spec.origin else None

    def is_package(self, module: str) -> bool:
        """Tell whether there is such a module and it is a package."""
        file = self.file(module) if module else None
        return file is not None and file.name == "__init__.py"

    def folder(self, module: str) -> Path:
        """Return the folder that a module's file lies in.

        Raises:
            ModuleNotFoundError: when there is no such module.
        """
        return self._existing(module).parent

    def _existing(self, module: str) -> Path:
        file = self.file(module)
        if file is None:
            raise ModuleNotFoundError(f"edgekit has no module {module}", name=module)
        return file

    def inside(self, package: str) -> Iterator[str]:
        """Return the modules that lie in a package itself, by name."""
        found = sorted(self.folder(package).iterdir())
        names = (f"{package}.{path.stem}" for path in found if not path.name.startswith("_"))
        yield from (name for name in names if self.file(name))

    def names(self, module: str) -> Names:
        """Return what a module's file names.

        Raises:
            ModuleNotFoundError: when there is no such module.
        """
        if module not in self._names:
            package = module if self.is_package(module) else module.rpartition(".")[0]
            self._names[module] = names_in(self._existing(module).read_bytes(), package)
        return self._names[module]

    def data(self, package: str) -> dict[str, Path]:
        """Return a package's files that are neither Python nor settings (TOML), by their paths.

        A step names the settings that it reads; a Target's file says nothing about other Targets.
        """
        if package not in self._data:
            folder = self.folder(package)
            found = {
                f"{package}/{path.relative_to(folder).as_posix()}": path for path in _data(folder)
            }
            self._data[package] = found
        return self._data[package]

    def hashes(self, modules: Iterable[str]) -> dict[str, str]:
        """Return the hashes of modules by name; those that are not edgekit's are left out."""
        files = {module: self.file(module) for module in modules}
        return {module: self.sha256(path) for module, path in files.items() if path}

    def sha256(self, path: Path) -> str:
        """Hash a file once."""
        if path not in self._hashes:
            self._hashes[path] = sha256_file(path)
        return self._hashes[path]


def _data(folder: Path) -> Iterator[Path]:
    """Walk a package's own files that are data; what is hidden or a package of its own is not."""
    for path in sorted(folder.glob("[!.]*")):
        if path.is_file() and path.suffix not in _NO_DATA:
            yield path
        elif path.is_dir() and not (path / "__init__.py").exists():
            yield from _data(path)
