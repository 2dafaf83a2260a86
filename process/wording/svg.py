"""Small pictures for a page: numbers as dots, lines and bars, with words for who can't see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fivestep.process.wording.html import Html, text

_WIDTH = 360
_LINE = 26
"""The height of one row."""

_NAMES = 120
"""The width of the names at the left."""


class Whisker(NamedTuple):
    """One number with its interval; None where nobody knows it."""

    name: str
    estimate: float | None
    low: float | None
    high: float | None


class Pair(NamedTuple):
    """Two numbers beside each other, such as what was expected and what came."""

    name: str
    first: float
    second: float


def whiskers(rows: Sequence[Whisker], mark: float, most: float, said: str) -> Html:
    """Numbers on a line from 0 to `most`, with a mark to hold them against; what is beyond is cut off.

    `said` is what the picture shows, in words.
    """
    span = _WIDTH - _NAMES - 10

    def x(value: float) -> float:
        return _NAMES + span * min(value, most) / most

    height = _LINE * len(rows) + 22
    parts = [_line((x(mark), 0), (x(mark), height - 20), "mark")]
    for place, row in enumerate(rows):
        y = _LINE * place + _LINE / 2
        parts.append(_text((0, y + 4), row.name, "start"))
        if row.low is not None and row.high is not None:
            parts.append(_line((x(row.low), y), (x(row.high), y), "whisker"))
        if row.estimate is not None:
            parts.append(Html(f'<circle cx="{x(row.estimate):.1f}" cy="{y:.1f}" r="4.5" class="dot"/>'))
        else:
            parts.append(_text((_NAMES, y + 4), "nothing to tell by", "start", "soft"))
    parts += [
        _text((x(value), height - 5), f"{value:g}", "middle", "soft") for value in dict.fromkeys((0.0, mark, most))
    ]
    return _picture(height, said, parts)


def pairs(rows: Sequence[Pair], said: str) -> Html:
    """Two bars for each row, from the left to the right; `said` is what the picture shows, in words."""
    tall, foot = 110, 20
    most = max((max(row.first, row.second) for row in rows), default=0.0) or 1.0
    step = _WIDTH / max(1, len(rows))
    wide = min(22.0, step * 0.36)
    parts: list[Html] = []
    for place, row in enumerate(rows):
        middle = step * (place + 0.5)
        for left, value, css in ((middle - wide - 1, row.first, "first"), (middle + 1, row.second, "second")):
            high = tall * value / most
            parts.append(
                Html(
                    f'<rect x="{left:.1f}" y="{tall + 6 - high:.1f}" width="{wide:.1f}" height="{high:.1f}" '
                    f'class="{css}"/>'
                )
            )
        parts.append(_text((middle, tall + foot), row.name, "middle", "soft"))
    return _picture(tall + foot + 8, said, parts)


def _picture(height: float, said: str, parts: Sequence[Html]) -> Html:
    about = f'viewBox="0 0 {_WIDTH} {height:g}" role="img" aria-label="{text(said)}"'
    return Html(f'<svg class="picture" {about}>{"".join(parts)}</svg>')


def _line(begin: tuple[float, float], end: tuple[float, float], css: str) -> Html:
    (x1, y1), (x2, y2) = begin, end
    return Html(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>')


def _text(at: tuple[float, float], words: str, anchor: str, css: str = "") -> Html:
    x, y = at
    return Html(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{text(words)}</text>')
