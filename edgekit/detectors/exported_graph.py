"""What a saved Program's JSON may say: names, numbers, shapes, and operators that only compute.

Strings are refused unless they have a form known to be harmless; see
`edgekit.detectors.exported_archive` for what torch would do with the others. The fields are those
of torch/_export/serde/schema.py, version 8.
"""

import ast
import json
import re
from typing import Any

from edgekit.settings import ForeignJson

# Names become Python source: identifiers alone. Weights are looked up by dotted names.
_IDENTIFIER = re.compile(r"\w*", re.ASCII)
_DOTTED = re.compile(r"[\w.]*", re.ASCII)
_LABEL = re.compile(r"[\w.@+<>=-]*", re.ASCII)
_DOTTED_KEYS = ("parameter_name", "buffer_name", "tensor_constant_name", "path_name")
_LABEL_KEYS = ("fqn", "verifiers", "torch_version", "type")

_OPERATOR = re.compile(
    r"torch\.ops\.(aten|quantized_decomposed|torchvision)\.(?!save\b|from_file\b)(?!__)\w+(\.(?!__)\w+)?"
    r"|torch\.ops\.higher_order\.wrap_with_(set_grad_enabled|autocast)"
    r"|torch\.(sym_(int|float|max|min|not|ite|sum)|_sym_sqrt)"
    r"|_operator\.(getitem|add|sub|mul|floordiv|truediv|mod|neg|pow|eq|ne|lt|le|gt|ge|and_|or_)"
    r"|math\.(ceil|floor|trunc|sqrt)",
    re.ASCII,
)
_CONTAINERS = (None, "builtins.tuple", "builtins.list", "builtins.dict")

_SYMBOL = re.compile(r"[a-z]+\d+", re.ASCII)
_FUNCTIONS = frozenset(
    """
    Symbol Integer Float Rational Add Mul Pow Max Min Mod PythonMod FloorDiv CleanDiv CeilDiv
    ModularIndexing Where CeilToInt FloorToInt TruncToInt RoundToInt ToFloat IntTrueDiv FloatTrueDiv
    PowByNatural FloatPow Identity Eq Ne Lt Le Gt Ge Equality Unequality StrictLessThan LessThan
    StrictGreaterThan GreaterThan And Or Not
    """.split()  # noqa: SIM905
)
_SYNTAX = (
    ast.Expression,
    ast.Call,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.keyword,
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.operator,
    ast.unaryop,
    ast.cmpop,
)


class UnsafeError(Exception):
    """The file holds something that could run, or that edgekit does not know to be harmless."""


def clean_graph(program: Any) -> Any:
    """Check `models/model.json`; leave out what only tells where a node came from, and guards.

    Raises:
        UnsafeError: naming what could run.
    """
    cleaned = _clean(program, "")
    cleaned["guards_code"] = []
    return cleaned


def clean_payload(config: Any) -> ForeignJson:
    """Check a table of weights or constants: raw numbers alone.

    Raises:
        UnsafeError: naming the first entry that is pickled or no tensor.
    """
    entries = config["config"]
    for name, meta in entries.items():
        raw = str(meta["path_name"]).startswith(("weight_", "tensor_"))
        if meta["use_pickle"] is not False or not raw:
            raise UnsafeError(f"{name!r} is pickled or a custom object")
        _text(name, "parameter_name")
        _clean(meta, "")
    return {"config": entries}


def _clean(value: Any, key: str) -> Any:
    """Walk the JSON; `key` is the nearest key above `value`."""
    if isinstance(value, dict):
        if key in ("metadata", "treespec_namedtuple_fields", "custom_obj_values"):
            return {}
        for name in value:
            _text(name, "name")
        return {name: _clean(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [] if key == "guards_code" else [_clean(item, key) for item in value]
    if isinstance(value, str):
        _text(value, key)
    return value


def _text(value: str, key: str) -> None:
    if key in ("as_string", "as_strings"):  # an argument such as "tanh": torch quotes it
        return
    if key in ("target", "as_operator"):
        fine = bool(_OPERATOR.fullmatch(value))
    elif key == "expr_str":
        fine = _is_arithmetic(value)
    elif key in ("in_spec", "out_spec"):
        fine = _is_plain_tree(json.loads(value)[1])
    elif key in _DOTTED_KEYS:
        fine = bool(_DOTTED.fullmatch(value))
    elif key in _LABEL_KEYS:
        fine = bool(_LABEL.fullmatch(value))
    else:
        fine = bool(_IDENTIFIER.fullmatch(value))
    if not fine:
        raise UnsafeError(f"{key} {value[:80]!r} is not known to be harmless")


def _is_plain_tree(spec: Any) -> bool:
    """Tuples, lists and dicts; other containers make torch import modules by name."""
    if spec["type"] not in _CONTAINERS:
        return False
    context = json.loads(spec["context"] or "null")
    plain = context is None or all(isinstance(key, str) for key in context)
    return plain and all(_is_plain_tree(child) for child in spec["children_spec"])


def _is_arithmetic(text: str) -> bool:
    """Sizes as SymPy prints them, such as Symbol('s0', integer=True); nothing else is called."""
    return all(_is_harmless(node) for node in ast.walk(ast.parse(text, mode="eval")))


def _is_harmless(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name)
    if isinstance(node, ast.Name):
        return node.id in _FUNCTIONS or bool(_SYMBOL.fullmatch(node.id))
    if isinstance(node, ast.Constant):
        text = node.value if isinstance(node.value, str) else "0"
        return bool(_IDENTIFIER.fullmatch(text))
    return isinstance(node, _SYNTAX)
