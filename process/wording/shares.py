"""Shares and ratios as people read them."""

from __future__ import annotations

_OFTEN = (
    (0.42, "are won half as often"),
    (0.29, "are won a third as often"),
    (0.225, "are won a quarter as often"),
    (0.175, "are won a fifth as often"),
    (0.075, "are won a tenth as often"),
    (0.0, "are hardly ever won"),
)
"""From which ratio on words stand for it."""


def how_often_won(ratio: float) -> str:
    """What a ratio of a half or less says of deals, such as `are won a third as often`."""
    return next(words for least, words in _OFTEN if ratio >= least)


def percent(share: float | None) -> str:
    """A share in per cent, `unknown` where nobody knows it; a small one is not none."""
    if share is None:
        return "unknown"
    return "< 1%" if 0 < share < 0.005 else f"{share:.0%}"
