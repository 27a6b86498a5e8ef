"""Which files run, or are read, when a module of edgekit does its work.

They are found by one rule and not by a list, so that nothing has to be kept in step with the code.
A module reaches

* what it imports, inside functions too; of the packages that this lies in, `__init__` alone runs;
* a module whose whole name is a string in it: so registries (`RUNTIMES`, `TRANSPORTS`) and
  `python -m` name them. With `-m`, a package stands for its `__main__`;
* every module of a package whose name begins an f-string in it (`f"edgekit.cli.{name}"`);
* a Python file beside it whose name is a string in it, as `board.py` is sent;
* the data of its package where it asks for `__file__`, and of a package whose name is a string.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgekit.steps.sources import PACKAGE, Sources

_OWN = {PACKAGE, *sys.stdlib_module_names}


@dataclass(frozen=True)
class Closure:
    """Everything that runs or is read with some entry points.

    Attributes:
        files: SHA-256 by name: modules by theirs, data by package and path.
        packages: names, as they are imported, of what is neither edgekit's nor Python's own.
    """

    files: Mapping[str, str]
    packages: frozenset[str]


class Graph:
    """The modules of edgekit and what each of them reaches.

    Args:
        sources: where they lie; this edgekit's own when left out.
    """

    def __init__(self, sources: Sources | None = None) -> None:
        self.sources = sources or Sources()
        self._reached: dict[tuple[str, bool], frozenset[str]] = {}
        self._closures: dict[tuple[str, ...], Closure] = {}

    def reached(self, module: str, whole: bool = True) -> frozenset[str]:
        """Return the modules that a module reaches itself.

        Args:
            module: its dotted name.
            whole: count what happens when it is used, not only when its file is run.

        Raises:
            ModuleNotFoundError: when there is no such module.
        """
        key = (module, whole)
        if key not in self._reached:
            found = self._used(module) if whole else self._imported(module)
            self._reached[key] = frozenset(found) - {module}
        return self._reached[key]

    def _imported(self, module: str) -> Iterator[str]:
        return self._holders(self.sources.names(module).eager)

    def _used(self, module: str) -> Iterator[str]:
        names = self.sources.names(module)
        yield from self._imported(module)
        yield from self._holders(names.lazy)
        yield from (name for name in self._strings(module) if not self.sources.is_package(name))
        yield from self._mains(module)
        yield from self._begun(names.beginnings)
        yield from self._beside(module)

    def _holders(self, names: frozenset[str]) -> Iterator[str]:
        """Return the modules that hold what imports name."""
        for name in names:
            while name.partition(".")[0] == PACKAGE and not self.sources.file(name):
                name = name.rpartition(".")[0]
            if name.partition(".")[0] == PACKAGE:
                yield name

    def _strings(self, module: str) -> list[str]:
        """Return the modules whose whole names are strings in this one."""
        strings = self.sources.names(module).strings
        return [name for name in strings if name.startswith(PACKAGE) and self.sources.file(name)]

    def _mains(self, module: str) -> Iterator[str]:
        names = self.sources.names(module)
        if "-m" in names.strings:
            packages = [*self._strings(module), *([module] if names.own else [])]
            yield from (main for name in packages if self.sources.file(main := f"{name}.__main__"))

    def _begun(self, beginnings: frozenset[str]) -> Iterator[str]:
        for beginning in beginnings:
            package, dot, rest = beginning.rpartition(".")
            if (
                dot
                and not rest
                and package.startswith(PACKAGE)
                and self.sources.is_package(package)
            ):
                yield from self.sources.inside(package)

    def _beside(self, module: str) -> Iterator[str]:
        package = self._package(module)
        strings = self.sources.names(module).strings
        stems = (name.removesuffix(".py") for name in strings if name.endswith(".py"))
        yield from (name for stem in stems if self.sources.file(name := f"{package}.{stem}"))

    def _package(self, module: str) -> str:
        return module if self.sources.is_package(module) else module.rpartition(".")[0]

    def modules(self, entries: Sequence[str]) -> dict[str, bool]:
        """Return the modules that entry points reach in the end, themselves included.

        Args:
            entries: dotted names.

        Returns:
            by name, whether the whole module counts: of a package that something was imported
            from counts only what its `__init__` imports at once.

        Raises:
            ModuleNotFoundError: when there is no such module.
        """
        found: dict[str, bool] = {}
        todo = [(entry, True) for entry in entries]
        while todo:
            module, whole = todo.pop()
            if found.get(module) in (True, whole):
                continue
            found[module] = whole
            todo += [(name, True) for name in self.reached(module, whole)]
            todo += [(name, False) for name in (*_above(module), *self._read_from(module))]
        return found

    def _read_from(self, module: str) -> list[str]:
        """Return the packages whose names are strings in a module: it reads their data."""
        return [name for name in self._strings(module) if self.sources.is_package(name)]

    def closure(self, entries: Sequence[str]) -> Closure:
        """Return everything that runs or is read with some entry points, found once.

        Raises:
            ModuleNotFoundError: when there is no such entry point.
        """
        key = tuple(entries)
        if key not in self._closures:
            self._closures[key] = self._closure(key)
        return self._closures[key]

    def _closure(self, entries: Sequence[str]) -> Closure:
        modules = self.modules(entries)
        files = {name: self.sources.file(name) for name in modules}
        for module in (name for name, whole in modules.items() if whole):
            files.update(self._data(module))
        packages = {name for item in modules.items() for name in self._foreign(*item)}
        hashes = {name: self.sources.sha256(path) for name, path in files.items() if path}
        return Closure(dict(sorted(hashes.items())), frozenset(packages))

    def _data(self, module: str) -> dict[str, Path]:
        own = [self._package(module)] if self.sources.names(module).place else []
        found = [self.sources.data(name) for name in (*self._read_from(module), *own)]
        return {name: path for data in found for name, path in data.items()}

    def _foreign(self, module: str, whole: bool) -> set[str]:
        names = self.sources.names(module)
        imported = names.eager | names.lazy if whole else names.eager
        return {name.partition(".")[0] for name in imported} - _OWN


def _above(module: str) -> Iterator[str]:
    """Return the packages that a module lies in."""
    while module := module.rpartition(".")[0]:
        yield module
