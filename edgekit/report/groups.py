"""What groups leave of the test images, said once for all bundles that they judged."""

from collections.abc import Iterator, Sequence

from edgekit.report.numbers import count
from edgekit.results.project import BundleResult
from edgekit.results.unmeasured import Unmeasured
from edgekit.results.verification import Verification


def groups_lines(bundles: Sequence[BundleResult]) -> list[str]:
    """Say how many groups the images are of and what they are worth; nothing without groups."""
    found = [each.verify for each in bundles if not isinstance(each.verify, Unmeasured)]
    held = {(each.images, each.groups.count) for each in found if each.groups is not None}
    return [_line(images, groups, found) for images, groups in sorted(held)]


def _line(images: int, groups: int, found: Sequence[Verification]) -> str:
    worth = sorted(set(_effective(images, groups, found)))
    ends = " to ".join(count(each) for each in dict.fromkeys((worth[0], worth[-1])))
    held = f"{count(images)} test images are of {count(groups)} groups, which intervals count"
    return f"{held}: to the change of AUC they are worth {ends} independent images"


def _effective(images: int, groups: int, found: Sequence[Verification]) -> Iterator[int]:
    for each in found:
        if each.groups is not None and (each.images, each.groups.count) == (images, groups):
            yield each.groups.effective_images
