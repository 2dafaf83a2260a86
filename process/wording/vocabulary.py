"""The words that people type into sheets, as data: `config/vocabulary/words.toml` says which."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from fivestep.process.model.deal import DealOutcome

_NOT_WORD = re.compile(r"[\W_]+", re.UNICODE)


@functools.lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """The text in the form in which words are compared: folded case, no accents, marks or extra spaces.

    `"  2 - Qualified ✅ "` becomes `"2 qualified"`, `"Nächster Schritt"` becomes `"nachster schritt"`.
    A text of nothing but marks becomes empty.
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", _NOT_WORD.sub(" ", bare).strip())


@dataclass(frozen=True)
class Words:
    """What cells may say beyond plain values.

    Words are in the form of `plain`; signs and blanks in folded case; multipliers and currencies in the form of
    `amounts.unit_form`.
    """

    yes: Set[str] = frozenset()
    no: Set[str] = frozenset()
    ticks: Set[str] = frozenset()
    """Signs that mean yes and that `plain` would drop, such as `✓` and `x`."""
    crosses: Set[str] = frozenset()
    blanks: Set[str] = frozenset()
    """Texts that stand for nothing, lower case: `-`, `?`, `n/a`, `tbd`."""
    totals: Set[str] = frozenset()
    """What the first cell of a row of totals says."""
    counted: Set[str] = frozenset()
    """What may stand behind it: what was added up."""
    months: Mapping[str, int] = field(default_factory=dict)
    """Names of months, and their short forms, to 1 … 12."""
    date_words: Set[str] = frozenset()
    """What may stand in a date and says nothing: days of the week, `of`, the `th` of `4th`."""
    outcomes: Mapping[str, DealOutcome] = field(default_factory=dict)
    """What a column that keeps won and lost apart from the stage says."""
    multipliers: Mapping[str, float] = field(default_factory=dict)
    """`k` to 1000, `mio` to a million."""
    currencies: Mapping[str, str] = field(default_factory=dict)
    """Signs and other writings of a currency to its ISO code: `€` to `EUR`."""
