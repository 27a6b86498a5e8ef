"""Open a `.pt2` file without letting it run anything.

torch.export.load (torch 2.14) warns that it must not be used on files one does not trust. It
unpickles weights marked so, custom objects and sample inputs, the last with an unsafe second try;
it loads compiled libraries; operators are looked up by attribute from `torch`, which reaches
`torch.os.system`; shapes go through `sympy.sympify`, which evaluates Python; guards and the names
of nodes become Python source. So the archive is read here as what it is, a zip of JSON and raw
numbers. `edgekit.detectors.exported_graph` lets through only JSON that can do nothing of the above,
and torch is given a new archive in memory made of what passed.
"""

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch.export import ExportedProgram

from edgekit.detectors.exported_graph import UnsafeError, clean_graph, clean_payload
from edgekit.detectors.foreign import PROGRAM, refuse_foreign
from edgekit.detectors.tables import reason
from edgekit.errors import InputError

_GRAPH = "models/model.json"
_WEIGHTS, _CONSTANTS = "data/weights/", "data/constants/"
_LOGGERS = ("torch.export", "torch._export.serde.serialize")


def open_program(path: Path) -> ExportedProgram:
    """Load a Program.

    Raises:
        InputError: when the file is missing, damaged, or holds anything that could run.
    """
    refuse_foreign(path, "program", but=PROGRAM)
    try:
        return _load(_cleaned(_members(path)))
    except UnsafeError as error:
        raise InputError(
            f"program {path} is refused: {error}",
            "Export it again with torch.export.save from a model of plain tensors and operators",
        ) from error
    except Exception as error:  # zip, JSON, schema and graph errors of many libraries
        raise InputError(
            f"program {path} is damaged or no torch.export archive: {reason(error)}",
            "Save it again with torch.export.save of this torch version",
        ) from error


def _members(path: Path) -> dict[str, bytes]:
    """Read every file of the archive, by its name below the root folder."""
    with zipfile.ZipFile(path) as archive:
        files = {}
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_STORED:  # torch never compresses; bombs do
                raise UnsafeError(f"{info.filename} is compressed")
            files[info.filename.partition("/")[2]] = archive.read(info)
    return files


def _cleaned(files: dict[str, bytes]) -> dict[str, bytes]:
    """Make a new archive's files from those that passed."""
    graphs = [name for name in files if name.startswith("models/")]
    if not graphs:
        raise ValueError("it holds no model")
    if graphs != [_GRAPH]:
        raise UnsafeError(f"it holds {graphs}, not one {_GRAPH}")
    compiled = [name for name in files if name.startswith("data/aotinductor/")]
    if compiled:
        raise UnsafeError(f"it holds compiled code ({compiled[0]})")
    kept = {_GRAPH: _dump(clean_graph(json.loads(files[_GRAPH])))}
    for folder, kind in ((_WEIGHTS, "weights"), (_CONSTANTS, "constants")):
        name = f"{folder}model_{kind}_config.json"
        payload = clean_payload(json.loads(files[name]))
        kept[name] = _dump(payload)
        for part in {meta["path_name"] for meta in payload["config"].values()}:
            kept[folder + part] = files[folder + part]
    # Pickled, and needed only to make guards: the Signature says what the inputs are.
    kept["data/sample_inputs/model.pt"] = b""
    return kept


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def _load(files: dict[str, bytes]) -> ExportedProgram:
    import torch
    from torch.export.pt2_archive import PT2ArchiveWriter

    buffer = io.BytesIO()
    with PT2ArchiveWriter(buffer) as writer:
        for name, data in files.items():
            writer.write_bytes(name, data)
    buffer.seek(0)
    with _silent():
        return torch.export.load(buffer)


@contextmanager
def _silent() -> Iterator[None]:
    """The library never prints: torch logs a traceback before it raises the same error."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled
