"""What verify says of a bundle, line by line."""

from collections.abc import Iterator

from edgekit.figure import Figure, Share
from edgekit.results.classes import ClassAgreement
from edgekit.results.decision import Decision, Shift
from edgekit.results.groups import Grouped
from edgekit.results.matrix import ALL, Cell
from edgekit.results.verification import Verification
from edgekit.verdict import Verdict

_MOVES = 6  # what a line holds


def lines(result: Verification) -> Iterator[str]:
    """Write the figures, then what failed, why, and what would decide it."""
    yield from _decided(result.decision, result.classes)
    for disturbance, cells in (result.robustness or {}).items():
        yield f"{disturbance:<12} {_auc(cells[ALL])}  {cells[ALL].verdict}"
    if result.picture:
        yield result.picture
    if result.groups is not None:
        yield groups_line(result.groups, result.images)
    yield from result.failures
    if result.cause:
        yield f"cause: {result.cause.what}: {result.cause.advice}"
    if result.verdict is Verdict.INCONCLUSIVE and result.images_to_decide:
        groups = "" if result.groups_to_decide is None else f" of {result.groups_to_decide} groups"
        yield f"about {result.images_to_decide} images{groups} would decide it"


def groups_line(groups: Grouped, images: int) -> str:
    """Say how many groups there are, and how many independent images they are worth."""
    worth = f"worth about {groups.effective_images} independent ones to the AUC"
    line = f"groups    {groups.count}, {images} images {worth}"
    if groups.enough:
        return line
    return f"{line}; {groups.fewest} of a class decide nothing, {groups.needed} may"


def _decided(decision: Decision, classes: ClassAgreement | None) -> Iterator[str]:
    for name, figure in decision.judged.items():
        if not isinstance(figure, Share):
            yield f"{name:<9} {_change(figure)}"
    yield f"flips     {_share(decision.flips)}"
    if decision.class_flips is not None:
        yield f"class flips {_share(decision.class_flips)}"
    if classes is not None:
        yield from (f"  {line}" for line in _classes(classes))
    yield f"always naming the larger class is right for {decision.majority:.2%}"
    for novelty, part in (decision.novelty or {}).items():
        yield f"{novelty:<9} slices: {_auc(part.auc)}"
    if decision.shift is not None:
        yield _shift(decision.shift)


def _auc(cell: Cell | Figure) -> str:
    now = "no value" if cell.artifact is None else f"{cell.artifact:.4f}"
    return f"auc {cell.reference:.4f} -> {now}"


def _shift(shift: Shift) -> str:
    """Say whether another threshold would do; none is ever applied."""
    flips = f"flips {shift.flips:.2%}"
    if shift.kind == "threshold":
        return (
            f"the scores moved and kept their order: threshold {shift.threshold:.4g} would give "
            f"{flips}; fix it on other images before you use it"
        )
    return f"the scores lost their order: at the best threshold, {shift.threshold:.4g}, {flips}"


def _change(figure: Figure) -> str:
    """Write a figure before and after; scores that are not finite have none."""
    if figure.artifact is None or figure.interval is None:
        return "has no value"
    low, high = figure.interval
    return (
        f"{figure.reference:.4f} -> {figure.artifact:.4f}  "
        f"{figure.difference:+.4f} [{low:+.4f}, {high:+.4f}], budget {figure.limit:+g}"
    )


def _share(figure: Share) -> str:
    if figure.count is None or figure.interval is None:
        return "have no value"
    return (
        f"{figure.count} ({figure.rate:.2%}, at most {figure.interval[1]:.2%}), "
        f"budget {figure.budget:.2%}"
    )


def _classes(figures: ClassAgreement) -> Iterator[str]:
    """Write each class's recall before and after, and where images went that changed."""
    for name, figure in figures.by_class.items():
        recall = figure.recall
        if recall.reference is not None:
            yield (
                f"{name}: recall {recall.reference:.4f} -> {recall.artifact:.4f}, "
                f"{figure.changed} of {figure.images} images change"
            )
    moves = [f"{move.count} from {move.before} to {move.after}" for move in figures.confusion]
    if moves:
        yield f"images that change: {', '.join(moves[:_MOVES])}"
