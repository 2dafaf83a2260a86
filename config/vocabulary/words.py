"""The words that people type into sheets, from `words.toml` beside this module."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from fivestep.process.model.deal import DEAL_OUTCOMES
from fivestep.process.reading.amounts import unit_form
from fivestep.process.wording.vocabulary import Words, plain

_FILE = Path(__file__).with_name("words.toml")


@functools.lru_cache(maxsize=1)
def load_words() -> Words:
    """The words of all languages, in the forms in which they are compared."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Words(
        yes=_plain(data["yes"]),
        no=_plain(data["no"]),
        ticks=_folded(data["ticks"]),
        crosses=_folded(data["crosses"]),
        blanks=_folded(data["blanks"]),
        totals=_plain(data["totals"]),
        counted=_plain(data["counted"]),
        date_words=_plain(data["date_words"]),
        months={plain(name): int(month) for month, name in _pairs(data["months"])},
        outcomes={plain(word): outcome for outcome in DEAL_OUTCOMES for word in data["outcomes"][outcome]},
        multipliers={unit_form(name): float(factor) for factor, name in _pairs(data["multipliers"])},
        currencies={unit_form(name): code for code, name in _pairs(data["currencies"])}
        | {unit_form(code): code for code in data["currencies"]},
    )


def _plain(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(plain, words))


def _folded(signs: Iterable[str]) -> frozenset[str]:
    return frozenset(map(str.casefold, signs))


def _pairs(table: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    return [(value, word) for value, words in table.items() for word in words]
