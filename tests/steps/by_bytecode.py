"""The modules that an entry point reaches, found in another way: in bytecode, and by asking.

`modulefinder` of the standard library reads imports out of compiled code. What registries name it
cannot see: they are imported and asked. What is started as a program is listed here.
"""

import ast
from collections.abc import Iterable, Iterator
from importlib import import_module
from modulefinder import ModuleFinder
from pathlib import Path
from types import CodeType

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
    "edgekit.devices.local": "edgekit.devices.runner",
    "edgekit.devices.openssh": "edgekit.devices.board",
    "edgekit.search.profilers": "edgekit.search.profilers.__main__",
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
        assert not any(self._imports(self.codes[name]) for name in above - done)  # docstrings
        return done | above

    def _used(self, module: str) -> Iterator[str]:
        yield from self._imports(self.codes[module])
        if module in REGISTRIES:
            yield from getattr(import_module(module), REGISTRIES[module]).values()
        if module in FOLDERS:
            yield from (name for name in self.files if name.startswith(FOLDERS[module]))
        if module in STARTED:
            yield STARTED[module]

    def _imports(self, code: CodeType) -> set[str]:
        found = set[str]()
        for what, named in self.finder.scan_opcodes(code):
            if what == "absolute_import" and named[1] in self.files:
                inner = [f"{named[1]}.{item}" for item in named[0] or ()]
                modules = [name for name in inner if name in self.files]
                found.update(modules)
                if len(modules) < max(1, len(inner)):
                    found.add(named[1])
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                found |= self._imports(constant)
        return found


def _compiled(path: Path) -> CodeType:
    return compile(NoTypeChecking().visit(ast.parse(path.read_bytes())), str(path), "exec")
