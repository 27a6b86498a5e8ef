"""A dataset as a CSV sheet: `path,label[,slice][,group]`, one file a line, no file moved.

Paths are relative to the sheet. UTF-8, with or without a byte order mark, as spreadsheets write it.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from edgekit.errors import InputError
from edgekit.groups import GroupRule
from edgekit.hashes import sha256_file
from edgekit.placed import Placed
from edgekit.signature import Signature
from edgekit.walk import composed

SUFFIX = ".csv"
_NEEDED, _MORE = ("path", "label"), ("slice", "group")
_HEAD = "The first line is path,label or path,label,slice,group"


def is_sheet(source: Path) -> bool:
    """Tell whether a dataset is given as a sheet, by its suffix."""
    return source.suffix.lower() == SUFFIX and not source.is_dir()


def read_sheet(path: Path) -> tuple[Placed, ...]:
    """Read a sheet; no file of it is opened.

    Raises:
        InputError: when it cannot be read, has unknown columns or lacks one, names files that are
            not there, or one file twice.
    """
    rows = tuple(_rows(path))
    if not rows:
        raise InputError(f"{path} lists no file", "Give a line for each")
    missing = [each.path for each in rows if not each.path.is_file()]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        what = f"{path} names {missing[0]}{more}, which does not exist"
        raise InputError(what, "Correct the path; it is relative to the sheet")
    _refuse_twice(path, rows)
    return rows


def classified(path: Path, signature: Signature) -> tuple[Placed, ...]:
    """Read a sheet whose labels are a Signature's classes.

    Raises:
        InputError: as `read_sheet`, and when a label is no class or a class has no file.
    """
    names = {composed(name): name for name in signature.classes}
    rows = read_sheet(path)
    for each in rows:
        if each.label not in names:
            known = ", ".join(signature.classes)
            what = f"{path}: {each.name} has label {each.label!r}, the classes are {known}"
            raise InputError(what, "Write the label as the class is written")
    for composed_name, name in names.items():
        if not any(each.label == composed_name for each in rows):
            raise InputError(f"{path} has no file of class {name!r}", "Add some")
    return rows


def grouped(rows: tuple[Placed, ...], rule: GroupRule | None, path: Path) -> tuple[Placed, ...]:
    """Tell groups by a rule, where the sheet has no column that does.

    Raises:
        InputError: when the rule finds none.
    """
    if rule is None or any(each.group for each in rows):
        return rows
    found = tuple(replace(each, group=rule.of_path(each.name)) for each in rows)
    rule.refuse_none((each.group for each in found), path)
    return found


def sheet_sha256(path: Path) -> str:
    """Hash what a sheet says and the files that it names; hexadecimal SHA-256."""
    digest = hashlib.sha256()
    for each in read_sheet(path):
        said = "\0".join((each.name, each.label, each.slice, each.group or ""))
        digest.update(f"{said}\0{sha256_file(each.path)}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _rows(path: Path) -> Iterator[Placed]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_columns(path, reader.fieldnames or ())
            for row in reader:
                yield _placed(path, reader.line_num, row)
    except FileNotFoundError as error:
        fix = "Check [data] in edgekit.toml"
        raise InputError(f"dataset sheet {path} does not exist", fix) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {path}: {error}", "Save it as CSV in UTF-8") from error


def _check_columns(path: Path, found: Sequence[str]) -> None:
    unknown = [name for name in found if name not in _NEEDED + _MORE]
    missing = [name for name in _NEEDED if name not in found]
    if unknown:
        raise InputError(f"{path} has an unknown column {unknown[0]!r}", _HEAD)
    if missing:
        raise InputError(f"{path} has no column {missing[0]!r}", _HEAD)
    if len(set(found)) < len(found):
        raise InputError(f"{path} has a column twice: {','.join(found)}", _HEAD)


def _placed(path: Path, line: int, row: dict[str, str | None]) -> Placed:
    if any(row.get(name) in (None, "") for name in _NEEDED) or None in row:
        raise InputError(f"{path}, line {line}, has not as many fields as columns", _HEAD)
    name, label = str(row["path"]), composed(str(row["label"]))
    return Placed(path.parent / name, name, label, row.get("slice") or "", row.get("group") or None)


def _refuse_twice(path: Path, rows: tuple[Placed, ...]) -> None:
    seen: dict[Path, Placed] = {}
    for each in rows:
        twin = seen.setdefault(each.path.resolve(), each)
        if twin.label != each.label:
            what = f"{path}: {each.name} has two labels, {twin.label!r} and {each.label!r}"
            raise InputError(what, "Keep the right one")
        if twin is not each:
            raise InputError(f"{path} lists {each.name} twice", "Remove one line")
