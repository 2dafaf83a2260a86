"""The report's charts, as drawings inside the page: each stands beside the table that it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fivestep.process.wording.html import Html, joined_html, text
from fivestep.process.wording.show import number

_WIDTH = 360
_HEIGHT = 150
_FOOT = 18
"""Below the bars, for the days."""
_TOP = 14
"""Above them, for the numbers."""
_ROW = 58
"""Of one stage."""
_BAR = 13
_ROOM = 44
"""Right of the longest bar, for its number."""


class Pair(NamedTuple):
    """What was forecast, beside what came."""

    label: str
    expected: float
    won: float


class StageShares(NamedTuple):
    """Of one stage: the shares won of deals beyond its limit, and of the others."""

    stage: str
    beyond: float
    others: float
    interval: tuple[float, float] | None
    """Of `beyond`; None where there are too few to say."""


def forecast_chart(pairs: Sequence[Pair], told: str) -> Html:
    """Two bars for each forecast: what was expected, and what was won. `told` says the same in words."""
    most = max((max(pair.expected, pair.won) for pair in pairs), default=0) or 1
    step = _WIDTH / max(1, len(pairs))
    wide = min(16.0, step * 0.36)
    floor = _HEIGHT - _FOOT
    pieces = [_line((0, floor), (_WIDTH, floor), "axis")]
    for place, pair in enumerate(pairs):
        middle = step * (place + 0.5)
        for left, value, css in ((middle - wide - 1, pair.expected, "pale"), (middle + 1, pair.won, "full")):
            high = (floor - _TOP) * value / most
            pieces.append(_box(left, floor - high, (wide, high), css))
            pieces.append(_words(left + wide / 2, floor - high - 3, f"{value:.0f}", "small"))
        pieces.append(_words(middle, _HEIGHT - 5, pair.label, "middle"))
    return _drawing(_HEIGHT, told, pieces)


def shares_chart(stages: Sequence[StageShares], told: str) -> Html:
    """Two bars for each stage: deals beyond the limit, with the interval, and the others."""
    most = max((max(one.beyond, one.others, *(one.interval or (0.0, 0.0))) for one in stages), default=0.0) or 1.0
    scale = (_WIDTH - _ROOM) / most
    pieces = []
    for place, one in enumerate(stages):
        top = place * _ROW
        pieces.append(_words(0, top + 14, one.stage, "left"))
        for down, share, css in ((20, one.beyond, "red"), (20 + _BAR + 3, one.others, "full")):
            pieces.append(_box(0, top + down, (max(1.0, share * scale), _BAR), css))
            end = max(share, one.interval[1]) if css == "red" and one.interval else share
            pieces.append(_words(end * scale + 5, top + down + 11, f"{share:.0%}", "left"))
        if one.interval is not None:
            low, high = (bound * scale for bound in one.interval)
            middle = top + 20 + _BAR / 2
            pieces.append(_line((low, middle), (high, middle), "whisker"))
            pieces += [_line((end, middle - 4), (end, middle + 4), "whisker") for end in (low, high)]
    return _drawing(_ROW * len(stages), told, pieces)


def _drawing(height: float, told: str, pieces: Iterable[Html]) -> Html:
    return Html(
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {number(height)}" role="img" aria-label="{text(told)}">'
        f"{joined_html(pieces)}</svg>"
    )


def _box(left: float, top: float, size: tuple[float, float], css: str) -> Html:
    return _shape("rect", css, x=left, y=top, width=size[0], height=size[1])


def _line(begin: tuple[float, float], end: tuple[float, float], css: str) -> Html:
    return _shape("line", css, x1=begin[0], y1=begin[1], x2=end[0], y2=end[1])


def _shape(tag: str, css: str, **numbers: float) -> Html:
    drawn = " ".join(f'{name}="{value:.1f}"' for name, value in numbers.items())
    return Html(f'<{tag} class="{css}" {drawn}/>')


def _words(left: float, base: float, words: str, css: str) -> Html:
    return Html(f'<text class="{css}" x="{left:.1f}" y="{base:.1f}">{text(words)}</text>')
