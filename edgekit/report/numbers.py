"""How numbers are written: one way for the page, the Markdown and the terminal."""

from collections.abc import Callable, Sequence

DASH = "\N{EM DASH}"
_MINUS = "\N{MINUS SIGN}"


def score(value: float) -> str:
    """Write a metric between 0 and 1."""
    return f"{value:.4f}"


def signed(value: float, digits: int = 4) -> str:
    """Write a difference with its sign; what rounds to nothing has none."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", _MINUS)


def share(value: float) -> str:
    """Write a rate as percent."""
    return f"{100 * value:.1f}%"


def milliseconds(value: float) -> str:
    """Write a latency with three digits that count."""
    return f"{_three(value)} ms"


def size(value: float) -> str:
    """Write a number of bytes with a decimal unit."""
    if value < 1000:
        return f"{value:.0f} B"
    for unit in ("kB", "MB"):
        value /= 1000
        if value < 999.5:
            return f"{_three(value)} {unit}"
    return f"{_three(value / 1000)} GB"


def _three(value: float) -> str:
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2 if value >= 0.9995 else 3
    return f"{value:.{digits}f}"


def count(value: int) -> str:
    """Write a number with thousands apart."""
    return f"{value:,}"


def span(interval: Sequence[float], write: Callable[[float], str] = signed) -> str:
    """Write an interval by its ends."""
    return f"{write(interval[0])} to {write(interval[1])}"
