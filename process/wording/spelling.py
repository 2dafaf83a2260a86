"""What somebody meant who wrote a word that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that is most like this one, whatever its case; None where none is like it.

    `cutoff` says how much alike they must be: 1 is the same.
    """
    folded = {one.casefold(): one for one in known}
    # A word of hundreds of letters is no slip of the pen, and comparing it would take long.
    close = difflib.get_close_matches(word[:80].casefold(), folded, n=1, cutoff=cutoff)
    return folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean budget?`, to be put behind a message; empty where no known word is like it."""
    close = nearest(word, known)
    return "" if close is None else f"; did you mean {close}?"
