"""The key of a step: everything that its result depends on, in parts that can be told apart."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from edgekit.steps.closure import Closure, Graph
from edgekit.steps.installed import this_machine, versions
from edgekit.steps.reason import Part, Reason
from edgekit.steps.step import Step

PARTS: tuple[Part, ...] = ("input", "setting", "code", "package", "machine")
Key = Mapping[Part, Mapping[str, Any]]
_DIGITS = 16  # of a file's hash: a record names a hundred files


@cache
def this_edgekit() -> Graph:
    """Return the graph of the edgekit that runs here, read once."""
    return Graph()


def code_of(entries: Sequence[str]) -> Closure:
    """Return what of this edgekit runs with some entry points."""
    return this_edgekit().closure(entries)


def key_of(step: Step, graph: Graph, pending: Collection[str] = ()) -> Key:
    """Return everything that a step's result depends on, as JSON values.

    Args:
        step: the steps before it have been done.
        graph: of the edgekit that does it.
        pending: names of inputs that are left out, because they are not there yet.
    """
    code = graph.closure(step.entries)
    own = graph.sources.hashes(step.own)
    files = {**code.files, **own}
    key: dict[Part, dict[str, Any]] = {
        "input": {
            name: given.value() for name, given in step.inputs.items() if name not in pending
        },
        "setting": _flat(step.settings),
        "code": {name: digest[:_DIGITS] for name, digest in files.items()},
        "package": versions(code.packages),
        "machine": this_machine(step.runner) if step.runner else {},
    }
    return _plain(key)


def _plain(key: Mapping[Part, Mapping[str, Any]]) -> Key:
    """Return a key as it is read back from a file: tuples become lists."""
    found: Key = json.loads(json.dumps(key, default=str))
    return found


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Name every value of nested tables by its whole path, `budget.auc`."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        inner = isinstance(value, Mapping) and bool(value)
        found.update(_flat(value, f"{above}{name}.") if inner else {f"{above}{name}": value})
    return found


def changes(before: Key, after: Key, pending: Collection[str] = ()) -> list[Reason]:
    """Return what differs between two keys; what is missing and what is None are the same.

    Args:
        before: as it was noted.
        after: as it is now.
        pending: names of inputs that nothing can be said about.
    """
    return [reason for part in PARTS for reason in _differing(part, before, after, pending)]


def _differing(part: Part, before: Key, after: Key, pending: Collection[str]) -> Iterator[Reason]:
    old, new = before.get(part, {}), after.get(part, {})
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name) and not (part == "input" and name in pending):
            yield Reason(part, name, old.get(name), new.get(name))
