"""Where the names of points stand, so that they cover neither each other nor a point."""

from collections.abc import Iterator, Sequence

Place = tuple[float, float]
Box = tuple[float, float, float, float]
Label = tuple[float, float, str]

_LETTER, _LINE, _GAP = 6.4, 13.0, 10.0


def place_labels(names: Sequence[str], places: Sequence[Place], frame: Box) -> list[Label]:
    """Find a place beside each point, greedily, in the order given.

    Args:
        names: one for each point.
        places: the points, in the picture's units.
        frame: left, top, right and bottom that labels must stay inside.

    Returns:
        x, y of the base line and the SVG text anchor of each name. Where everything is taken, the
        place with the least overlap is used.
    """
    taken: list[Box] = [(x - 7, y - 7, x + 7, y + 7) for x, y in places]
    labels: list[Label] = []
    for name, place in zip(names, places, strict=True):
        width = _LETTER * len(name)
        tries = [(label, _box(label, width)) for label in _candidates(place)]
        label, box = min(tries, key=lambda item: _cost(item[1], taken, frame))
        taken.append(box)
        labels.append(label)
    return labels


def _candidates(place: Place) -> Iterator[Label]:
    """Beside the point, above and below it, then the same further up and down."""
    x, y = place
    for shift in (0.0, -_LINE, _LINE, -2 * _LINE, 2 * _LINE, -3 * _LINE, 3 * _LINE):
        yield x + _GAP, y + 4 + shift, "start"
        yield x - _GAP, y + 4 + shift, "end"


def _box(label: Label, width: float) -> Box:
    x, y, anchor = label
    left = x if anchor == "start" else x - width
    return left, y - 10, left + width, y + 3


def _cost(box: Box, taken: Sequence[Box], frame: Box) -> float:
    outside = max(0.0, frame[0] - box[0], box[2] - frame[2], frame[1] - box[1], box[3] - frame[3])
    return 1000.0 * outside + sum(_overlap(box, other) for other in taken)


def _overlap(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)
