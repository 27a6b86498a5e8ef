"""Which files decide what a Detector is, without loading it: for the cache of finished steps.

Nothing heavy is imported here, because the question is asked before every step.
"""

from importlib.util import find_spec
from pathlib import Path

from edgekit.detectors.shards import is_index, shards_of
from edgekit.errors import InputError
from edgekit.settings import Json

# The settings that name a file or folder.
_PATHS = ("model", "checkpoint", "head", "lora", "program", "factory")
# Configs that lie beside a checkpoint and are read with it.
_BESIDE = {"open_clip": "open_clip_config.json", "timm": "config.json"}


def source_files(settings: Json, base: Path) -> list[Path]:
    """List the files and folders whose content, with the settings, determines the Detector.

    A name that is no path (a hub id, an architecture) adds none: it counts by its string in the
    settings. Of a factory its own file or package counts, not what that imports elsewhere.

    Args:
        settings: the table of the project file, with `kind`.
        base: folder that relative paths start from.

    Returns:
        existing paths, each once, in the order of the settings' names.
    """
    values = {key: settings.get(key) for key in _PATHS}
    named = {key: value for key, value in values.items() if isinstance(value, str)}
    if settings.get("kind") == "timm":  # a name, even where a folder happens to be called so
        named.pop("model", None)
    found = [_place(key, value, base) for key, value in named.items()]
    beside = _BESIDE.get(str(settings.get("kind")))
    if beside and "checkpoint" in named:
        found.append((base / named["checkpoint"]).parent / beside)
    there = [path for path in found if path is not None and path.exists()]
    shards = [shard for path in there if is_index(path) for shard in _shards(path)]
    return list(dict.fromkeys([*there, *shards]))


def _shards(index: Path) -> list[Path]:
    """List an index's shards; a wrong index is its loader's to refuse."""
    try:
        return list(shards_of(index))
    except InputError:
        return []


def _place(key: str, value: str, base: Path) -> Path | None:
    if key != "factory":
        return base / value if value else None
    place = value.rpartition(":")[0]
    return base / place if place.endswith(".py") else _package(place.split(".")[0], base)


def _package(name: str, base: Path) -> Path | None:
    """Find a top-level package or module; asking for a deeper one would import its parents."""
    for path in (base / name, base / f"{name}.py"):
        if path.exists():
            return path
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin:
        return None
    origin = Path(spec.origin)
    return origin.parent if spec.submodule_search_locations else origin
