"""Which class each file of a dataset belongs to: the one whose name the top folder has.

Names are the same when they are so in Unicode's composed form: macOS writes them decomposed.
"""

from collections.abc import Iterator
from pathlib import Path

from edgekit.errors import InputError
from edgekit.groups import GroupRule
from edgekit.listing import Listing, count_left_out, list_folder, printable
from edgekit.placed import Placed
from edgekit.signature import Signature
from edgekit.walk import composed


def placed_by_folder(
    folder: Path, signature: Signature, rule: GroupRule | None
) -> tuple[list[Placed], list[tuple[str, Path]]]:
    """Say of each file in a dataset's folder what the folders say.

    Args:
        folder: the dataset's.
        signature: whose classes and inputs count.
        rule: tells groups; the first folder inside of a class is the slice where there is none.

    Returns:
        the files, class by class in the order of their paths; and what is no sample, with the
        reason.

    Raises:
        InputError: when the folder is missing or cannot be read, or a class has no folder or no
            sample.
    """
    listing = list_folder(folder, {composed(name) for name in signature.classes})
    files, others = files_by_class(listing, signature)
    for name in signature.classes:
        if not files[name]:
            raise no_samples(listing, name)
    placed = [each for name in files for each in _placed(folder, name, files[name], rule)]
    if rule is not None:
        rule.refuse_none((each.group for each in placed), folder)
    return placed, others


def _placed(folder: Path, name: str, files: list[Path], rule: GroupRule | None) -> Iterator[Placed]:
    for path in files:
        _, *parts = path.relative_to(folder).parts
        plain = parts[0] if len(parts) > 1 else ""
        slice_name, group = (plain, None) if rule is None else rule.of(parts[:-1], path.name)
        yield Placed(path, "/".join((name, *parts)), name, slice_name, group)


def files_by_class(
    listing: Listing, signature: Signature
) -> tuple[dict[str, list[Path]], list[tuple[str, Path]]]:
    """Sort the files that the inputs are made from into classes.

    Args:
        listing: all files of the dataset's folder.
        signature: whose classes and inputs count.

    Returns:
        files in the order of their paths, by class; and what is no sample, with the reason.
    """
    files: dict[str, list[Path]] = {name: [] for name in signature.classes}
    folders = {composed(name): name for name in signature.classes}
    others = list(listing.others)
    pictured = [spec.preprocessing is not None for spec in signature.inputs]
    wanted = list(listing.pictures) if any(pictured) else []
    wanted += list(listing.arrays) if not all(pictured) else []
    for path in sorted(wanted):
        first, *rest = path.relative_to(listing.folder).parts
        name = folders.get(composed(first))
        if name is not None and rest:
            files[name].append(path)
        else:
            others.append(
                (f"in {first}, which is no class" if rest else "in no class folder", path)
            )
    for path in {*listing.pictures, *listing.arrays} - set(wanted):
        others.append((f"{path.suffix.lower()} where no input takes any", path))
    return files, others


def no_samples(listing: Listing, name: str) -> InputError:
    """Say which folders there are, and whether one differs in upper and lower case only."""
    folder = listing.folder
    present = sorted(path.name for path in folder.iterdir() if path.is_dir())
    known = ", ".join(map(printable, present)) or "none"
    alike = [each for each in present if each != name and each.casefold() == name.casefold()]
    inside = [(k, p) for k, p in listing.others if name in p.relative_to(folder).parts]
    found = count_left_out(folder, inside)
    if alike:
        fix = f"Folder {alike[0]!r} is written otherwise: rename it, or the class in edgekit.toml"
    elif found:
        kinds = ", ".join(f"{each.count} {each.kind}" for each in found)
        fix = f"Put pictures or arrays into {folder / name}, which holds {kinds}"
    else:
        fix = f"Put files into {folder / name}"
    return InputError(f"class {name!r} has no samples in {folder} (folders: {known})", fix)
