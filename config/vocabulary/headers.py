"""Which field a header means: `headers.toml` beside this module says how people call their columns."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from fivestep.config.vocabulary.words import load_words
from fivestep.process.wording.vocabulary import plain

_CUTOFF = 88
"""Below that, "Lead score" is taken for "Lead source"."""
_MARGIN = 5
"""By how much a guess must be closer to its field than to any other."""
_SHORTEST_GUESS = 5
"""Letters; shorter words are too much like each other."""

_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|（.*?）|【.*?】")
_DEAL_WORD = re.compile(r"(?:deal|opportunity|opp|lead) ")
# Letters that have no accent to lose, and that people type without all the same.
_BARE = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "ı": "i", "đ": "d"})


class Claim(NamedTuple):
    """A field that a header may mean."""

    field: str
    rank: int
    """Where the word stands in the field's list: the lower, the more it says."""
    word: str
    """The word in the list."""
    exact: bool
    """The header is that word; otherwise it is only much like it."""


def claims(header: str) -> list[Claim]:
    """The fields that this header may mean, none where it is not known."""
    for form in _forms(header):
        if found := _words().get(form):
            return [Claim(field, rank, form, True) for field, rank in found.items()]
    return _guesses(_bare(header))


def _forms(header: str) -> Iterator[str]:
    """The header as it stands, then with less and less of what people put around the word."""
    without_brackets = _BRACKETS.sub(" ", header)
    for text in (header, _CAMEL.sub(" ", header), without_brackets, _CAMEL.sub(" ", without_brackets)):
        bare = _bare(text)
        without_deal = _DEAL_WORD.sub("", bare, count=1) if _DEAL_WORD.match(bare) else bare
        yield from (bare, without_deal, _without_currency(bare), _without_currency(without_deal))


def _without_currency(form: str) -> str:
    """`amount in eur` without its end."""
    words = form.split()
    if len(words) > 1 and words[-1].upper() in load_words().currencies.values():
        words = words[:-2] if words[-2] in ("in", "en", "em", "w", "i", "v") else words[:-1]
    return " ".join(words)


def _guesses(form: str) -> list[Claim]:
    # Late: only an unknown header needs it.
    from rapidfuzz import fuzz, process

    if len(form) < _SHORTEST_GUESS:
        return []
    long_words = [word for word in _words() if len(word) >= _SHORTEST_GUESS]
    close = process.extract(form, long_words, scorer=fuzz.token_sort_ratio, score_cutoff=_CUTOFF - _MARGIN, limit=20)
    best: dict[str, tuple[float, str]] = {}
    for word, score, _ in close:
        for field in _words()[word]:
            best.setdefault(field, (score, word))
    first, second = sorted([*best.values(), (0.0, ""), (0.0, "")], reverse=True)[:2]
    if first[0] < max(_CUTOFF, second[0] + _MARGIN):
        return []
    return [Claim(field, rank, first[1], False) for field, rank in _words()[first[1]].items()]


@functools.cache
def _words() -> Mapping[str, Mapping[str, int]]:
    """A word to the fields it may mean, and its rank in each one's list."""
    lists: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("headers.toml").read_text("utf-8"))
    words: dict[str, dict[str, int]] = {}
    for field, listed in lists.items():
        for rank, word in enumerate(listed):
            words.setdefault(_bare(word), {}).setdefault(field, rank)
    return words


def _bare(text: str) -> str:
    return plain(text).translate(_BARE)
