"""The modules that an entry point reaches, found in another way: in bytecode, and by asking.

`modulefinder` of the standard library reads imports out of compiled code. What registries name it
cannot see: they are imported and asked. What is started as a program is listed here.
"""

import ast
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import resolve_name
from modulefinder import ModuleFinder
from pathlib import Path
from types import CodeType
from typing import Any

REGISTRIES = {
    "edgekit.detectors.registry": "KINDS",
    "edgekit.devices.device": "TRANSPORTS",
}
# What imports any module of a package by its name.
FOLDERS = {
    "edgekit.exporters.registry": "edgekit.exporters.",
    "edgekit.runtimes": "edgekit.runtimes.",
    "edgekit.verification.layers.artifacts": "edgekit.verification.layers.",
    "edgekit.search.profilers": "edgekit.search.profilers.",
}
STARTED = {
    "edgekit.devices.archive": "edgekit.devices.runner.main",
    "edgekit.devices.openssh": "edgekit.devices.board",
}


class NoTypeChecking(ast.NodeTransformer):
    """Takes out what only type checkers read."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if getattr(node.test, "id", None) == "TYPE_CHECKING":
            return node.orelse
        return self.generic_visit(node)


class Tree:
    """The modules of a copy of edgekit that lies in one folder."""

    def __init__(self, root: Path) -> None:
        self.finder = ModuleFinder([])
        found = {path: path.relative_to(root).with_suffix("").parts for path in root.rglob("*.py")}
        self.files = {".".join(parts).removesuffix(".__init__"): p for p, parts in found.items()}
        self.codes = {name: _compiled(path) for name, path in self.files.items()}

    def reached(self, entries: Iterable[str]) -> set[str]:
        """Return the modules that entry points reach, and the packages that those lie in."""
        done, todo = set[str](), list(entries)
        while todo:
            name = todo.pop()
            if name not in done:
                done.add(name)
                todo += self._used(name)
        above = {
            ".".join(name.split(".")[:n]) for name in done for n in range(1, name.count(".") + 1)
        }
        assert not any(self._imports(name) for name in above - done)  # docstrings
        return done | above

    def _used(self, module: str) -> Iterator[str]:
        yield from self._imports(module)
        if module in REGISTRIES:
            yield from getattr(import_module(module), REGISTRIES[module]).values()
        if module in FOLDERS:
            yield from (name for name in self.files if name.startswith(FOLDERS[module]))
        if module in STARTED:
            yield STARTED[module]

    def _imports(self, module: str) -> set[str]:
        found = set[str]()
        for what, named in self._scanned(self.codes[module]):
            if what == "absolute_import":
                found |= self._named(named[1], named[0])
            if what == "relative_import":
                found |= self._named(self._absolute(module, named[0], named[2]), named[1])
        return found

    def _scanned(self, code: CodeType) -> Iterator[tuple[str, Any]]:
        yield from self.finder.scan_opcodes(code)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from self._scanned(constant)

    def _absolute(self, module: str, level: int, name: str) -> str:
        inside = module if self.files[module].stem == "__init__" else module.rpartition(".")[0]
        return resolve_name("." * level + name, inside)

    def _named(self, holder: str, items: Iterable[str] | None) -> set[str]:
        """Return the modules that `from holder import items` or `import holder` runs."""
        if holder not in self.files:
            return set()
        inner = [f"{holder}.{item}" for item in items or ()]
        modules = {name for name in inner if name in self.files}
        return modules if len(modules) >= max(1, len(inner)) else {*modules, holder}


def _compiled(path: Path) -> CodeType:
    return compile(NoTypeChecking().visit(ast.parse(path.read_bytes())), str(path), "exec")
