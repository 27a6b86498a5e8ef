"""Groups: images that depend on one another, as frames of a video or crops of a photograph do.

A rule tells an image's group by the folder that it lies in or by its file's name. Groups have one
name in all classes, slices and splits: a photograph and what was made from it are one group. To
take two groups for one makes intervals wider than they need be, never too narrow.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError

FOLDER = "folder"


@dataclass(frozen=True)
class GroupRule:
    """How the place or name of a file tells its group.

    Attributes:
        text: `folder`, or a regular expression that is searched in the file's name: its group named
            `group`, or else its first one, is the image's group.
    """

    text: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression.

        Raises:
            InputError: when it is none, or has no group.
        """
        try:
            found = re.compile(self.text)
        except re.error as error:
            what = f"groups = {self.text!r} is no regular expression: {error}"
            raise InputError(what, "Correct it, or write groups = 'folder'") from error
        if not found.groups:
            what = f"groups = {self.text!r} has no part in parentheses"
            raise InputError(what, r"Put what names the group into some, as in '(.+)_\d+'")
        return found

    def of(self, folders: Sequence[str], name: str) -> tuple[str, str | None]:
        """Return a file's slice ("" for none) and its group, None where the rule finds none.

        Args:
            folders: those between the class folder and the file.
            name: the file's.
        """
        if self.text != FOLDER:
            return folders[0] if folders else "", self._named(name)
        if len(folders) < 2:
            return "", folders[0] if folders else None
        return folders[0], folders[1]

    def of_path(self, path: str) -> str | None:
        """Return the group of a file that a sheet lists: its own folder's name, or by its name."""
        *folders, name = path.split("/")
        if self.text == FOLDER:
            return folders[-1] if folders else None
        return self._named(name)

    def _named(self, name: str) -> str | None:
        found = self.pattern.search(name)
        if found is None:
            return None
        return found["group"] if "group" in self.pattern.groupindex else found[1]

    def refuse_none(self, groups: Iterable[str | None], where: object) -> None:
        """Refuse a rule that finds no group at all.

        Raises:
            InputError: when every group is None.
        """
        if any(groups):
            return
        if self.text == FOLDER:
            what = f"groups = 'folder': no image of {where} lies in a folder inside its class"
            raise InputError(what, "Put each group into a folder: <class>/<slice>/<group>/<image>")
        what = f"groups = {self.text!r} matches no file name of {where}"
        raise InputError(what, "Correct the expression; it is searched in the name alone")


def rule_of(text: str | None) -> GroupRule | None:
    """Return the rule of a setting, checked; None where there is none.

    Raises:
        InputError: when it is neither `folder` nor a regular expression with a group.
    """
    if text is None:
        return None
    rule = GroupRule(text)
    if text != FOLDER:
        assert rule.pattern is not None
    return rule


def numbered(groups: Sequence[str | None]) -> NDArray[np.intp] | None:
    """Number each image's group, intp [N]; an image without one is a group by itself.

    Args:
        groups: names, None for none.

    Returns:
        None where no image has one.
    """
    if not any(groups):
        return None
    places: dict[str | int, int] = {}
    keys = (group or place for place, group in enumerate(groups))
    return np.array([places.setdefault(key, len(places)) for key in keys], dtype=np.intp)
