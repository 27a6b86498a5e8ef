"""What a file of Python names, read off its source: nothing is executed, so torch stays out."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import resolve_name

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Names:
    """What one file names, which may run or be read with it.

    Attributes:
        eager: dotted names of what is imported as soon as the file runs; `from a import b` names
            `a.b`, whether that is a module or something in one.
        lazy: the same of imports inside functions.
        strings: every string.
        beginnings: of f-strings, the part before the first value.
        place: it asks where it lies (`__file__`).
        own: it asks for its own name (`__name__`).
    """

    eager: frozenset[str]
    lazy: frozenset[str]
    strings: frozenset[str]
    beginnings: frozenset[str]
    place: bool
    own: bool


@cache
def names_in(source: bytes, package: str = "") -> Names:
    """Read what a file names, once in this process.

    Imports for type checkers alone (`if TYPE_CHECKING:`) do not count: they never run.

    Args:
        source: of Python.
        package: that the file lies in, for imports that begin with a dot.

    Raises:
        SyntaxError: when it is no Python.
    """
    found = list(_nodes(ast.parse(source)))
    imports = [(name, inside) for node, inside in found for name in _imported(node, package)]
    strings = {node.value for node, _ in found if isinstance(node, ast.Constant)}
    names = {node.id for node, _ in found if isinstance(node, ast.Name)}
    return Names(
        eager=frozenset(name for name, inside in imports if not inside),
        lazy=frozenset(name for name, inside in imports if inside),
        strings=frozenset(value for value in strings if isinstance(value, str)),
        beginnings=frozenset(_beginning(node) for node, _ in found),
        place="__file__" in names,
        own="__name__" in names,
    )


def _nodes(tree: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Walk the tree; with each node goes whether it lies inside a function."""
    todo: list[tuple[ast.AST, bool]] = [(tree, False)]
    while todo:
        node, inside = todo.pop()
        yield node, inside
        inside = inside or isinstance(node, _FUNCTIONS)
        todo += [(child, inside) for child in _children(node)]


def _children(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, ast.If) and _for_type_checkers(node.test):
        return node.orelse
    return ast.iter_child_nodes(node)


def _for_type_checkers(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


def _imported(node: ast.AST, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        holder = resolve_name("." * node.level + (node.module or ""), package)
        return [f"{holder}.{alias.name}" for alias in node.names]
    return []


def _beginning(node: ast.AST) -> str:
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
