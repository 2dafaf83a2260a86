"""Which field a header means: `headers.toml` beside this module says how people call their columns."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from fivestep.config.vocabulary.header_parts import (
    CrmRecord,
    bare,
    fields_by_part,
    record_and_field,
    without_deal,
    without_joining,
)
from fivestep.config.vocabulary.words import load_words

_CUTOFF = 88
"""Below that, "Lead score" is taken for "Lead source"."""
_MARGIN = 5
"""By how much a guess must be closer to its field than to any other."""
_SHORTEST_GUESS = 5
"""Letters; shorter words are too much like each other."""
_LONGEST_ENDING = 3
"""Letters that a language may put behind a word to say whose."""

_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|（.*?）|【.*?】")
_OF_RECORD: Mapping[CrmRecord, Mapping[str, str]] = {
    "person": {"contact": "contact", "deal": "contact", "email": "email", "phone": "phone", "language": "language"},
    "organization": {"company": "company", "contact": "company", "deal": "company", "industry": "industry"},
}
"""What a field of a person or an organization is to their deal; any other is none of the deal's."""


class Claim(NamedTuple):
    """A field that a header may mean."""

    field: str
    rank: int
    """Where the word stands in the field's list: the lower, the more it says."""
    word: str
    """The word in the list."""
    by: Literal["word", "likeness", "part", "cells"]
    """The header is that word, is much like it, or holds it; or it says nothing, and the cells do."""

    @property
    def exact(self) -> bool:
        """The header is a word of the list."""
        return self.by == "word"


def claims(header: str) -> list[Claim]:
    """The fields that this header may mean, none where it is not known.

    A % in it always counts: "Chance" may be a deal, and "Chance (%)" hardly is. What names an owner may hold their
    addresses.
    """
    found = _by_word(header) or _in_record(header) or _address_of_owner(header) or _guesses(bare(header))
    found += [claim._replace(field="owner_email") for claim in found if claim.field == "owner"]
    parts = [Claim(field, rank, part, "part") for rank, (field, part) in enumerate(_parts(header))]
    if not found:
        return parts
    return found + [claim for claim in parts if claim.word == "%" and claim.field not in {f.field for f in found}]


def _by_word(header: str) -> list[Claim]:
    for form in _forms(header):
        if found := _words().get(form):
            return [Claim(field, rank, form, "word") for field, rank in found.items()]
    return []


def _in_record(header: str) -> list[Claim]:
    """The fields of a header that names its record first: `Negócio - Etapa`, `Person - Email`."""
    split = record_and_field(header)
    if split is None:
        return []
    record, rest = split
    # "Person - Email - Work" says last which of several addresses it is.
    rest = next((form for form in (rest, rest.partition(" - ")[0]) if _by_word(form)), rest)
    found = _by_word(rest) or _guesses(bare(rest))
    if record == "deal":
        return found
    fields = _OF_RECORD[record]
    return [claim._replace(field=fields[claim.field]) for claim in found if claim.field in fields][:1]


def _address_of_owner(header: str) -> list[Claim]:
    """The owner's address, where the header says owner and e-mail in any words.

    Such as `Betreuer E-Mail`, `Rep's email` and `担当者メール`.
    """
    form = bare(_CAMEL.sub(" ", header))
    for word in _words_for("email"):
        for rest in (form.removesuffix(word), form.removeprefix(word)):
            owner = without_joining(rest)
            if rest != form and any(_inflects(word, owner) for word in _words_for("owner")):
                return [Claim("owner_email", 0, owner, "word")]
    return []


def _inflects(word: str, text: str) -> bool:
    """Whether the text is this word or the same with an ending, as in `des Betreuers`."""
    if text == word:
        return True
    return len(word) >= _SHORTEST_GUESS and text.startswith(word) and len(text) - len(word) <= _LONGEST_ENDING


def _parts(header: str) -> Iterator[tuple[str, str]]:
    return fields_by_part(header, bare(_CAMEL.sub(" ", header)))


def _forms(header: str) -> Iterator[str]:
    """The header as it stands, then with less and less of what people put around the word."""
    without_brackets = _BRACKETS.sub(" ", header)
    for text in (header, _CAMEL.sub(" ", header), without_brackets, _CAMEL.sub(" ", without_brackets)):
        form = bare(text)
        rest = without_deal(form)
        yield from (form, rest, _without_currency(form), _without_currency(rest))


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
    if not close:
        return []
    first, score, _ = close[0]
    fields = _words()[first]
    others = (other for word, other, _ in close if fields.keys().isdisjoint(_words()[word]))
    if score < max(_CUTOFF, next(others, 0.0) + _MARGIN):
        return []
    return [Claim(field, rank, first, "likeness") for field, rank in fields.items()]


@functools.cache
def _words_for(field: str) -> Sequence[str]:
    """The words that mean this field and no other, the longest first."""
    return sorted((word for word, fields in _words().items() if [*fields] == [field]), key=len, reverse=True)


@functools.cache
def _words() -> Mapping[str, Mapping[str, int]]:
    """A word to the fields it may mean, and its rank in each one's list."""
    lists: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("headers.toml").read_text("utf-8"))
    words: dict[str, dict[str, int]] = {}
    for field, listed in lists.items():
        for rank, word in enumerate(listed):
            words.setdefault(bare(word), {}).setdefault(field, rank)
    return words
