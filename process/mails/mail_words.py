"""The words that mark mails which no person has to read; `config/vocabulary` has the lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class MailWords:
    """Patterns over texts in the form of `spoken`, and domains."""

    automatic: re.Pattern[str]
    """Words of an automatic reply, where they begin at a word's edge."""
    begins_automatic: re.Pattern[str]
    """A whole subject that begins as that of an automatic reply does."""
    accepted: re.Pattern[str]
    """A subject that begins with a yes to an invitation."""
    not_accepted: re.Pattern[str]
    """One that begins with a no, or a perhaps."""
    not_lost: re.Pattern[str]
    """Words of a report on a mail that is late, or has arrived."""
    leave_me_alone: re.Pattern[str]
    """Words by which somebody asks to get no more mails, anywhere in their text."""
    leave_me_alone_alone: re.Pattern[str]
    """The same as the whole text."""
    quoting: re.Pattern[str]
    """Where the mail begins that an answer quotes."""
    until: re.Pattern[str]
    """A word that makes the day after it the end of an absence; at the end of the text before that day."""
    until_behind: re.Pattern[str]
    """The same at the beginning of the text behind the day."""
    months: Mapping[str, int]
    """Names of months in the form of `spoken`, to 1 … 12."""
    free_mail: Set[str]
    """Domains where people of any firm have their mail."""


def spoken(text: str) -> str:
    """The text in the form in which mails are searched: no capitals, no accents, single spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFC", bare).split())


def mail_words(lists: Mapping[str, Iterable[str]], months: Mapping[str, int]) -> MailWords:
    """The patterns of these lists of words, named as in `MailWords`.

    `between` is what stands between two days.
    """
    words = {name: "|".join(sorted(map(_pattern, some), key=len, reverse=True)) for name, some in lists.items()}
    automatic = rf"(?:{words['automatic']})"
    return MailWords(
        automatic=re.compile(rf"\b{automatic}"),
        begins_automatic=re.compile(
            rf"[\W_]*{automatic}(?:[\s:\-–—]*{automatic})*\s*(?:$|[:：\-–—|/()\[\].,!]|(?:re|aw|antw|sv)\b)"
        ),
        accepted=re.compile(rf"(?:{words['accepted']})\s?[:：]"),
        not_accepted=re.compile(rf"(?:{words['not_accepted']})\s?[:：]"),
        not_lost=re.compile(rf"(?<!\w)(?:{words['not_lost']})"),
        leave_me_alone=re.compile(_whole(words["leave_me_alone"])),
        leave_me_alone_alone=re.compile(rf"\W*(?:{words['leave_me_alone_alone']})\W*"),
        quoting=re.compile(rf"(?<!\w)(?:{words['quoting']})\b[^.!?]{{0,80}}:|(?:^| )>|-{{3,}}|_{{8,}}"),
        until=re.compile(
            rf"(?:{_whole(words['until'])}[^.!?;\d]{{0,40}}|\d[^.!?;\d]{{0,20}}(?<!\w)(?:{words['between']}) ?)$"
        ),
        until_behind=re.compile(rf" ?['’(]?[^.!?;\d]{{0,6}}(?:{words['until_behind']})"),
        months={spoken(name): month for name, month in months.items()},
        free_mail=frozenset(lists["free_mail"]),
    )


def _pattern(word: str) -> str:
    """The word as it may be written: a hyphen or nothing but a space between its parts."""
    return "[ -]".join(map(re.escape, spoken(word).split()))


def _whole(words: str) -> str:
    """The words, where letters that are written with spaces between them begin and end there."""
    return (
        rf"(?:(?<![^\W_])|(?<=[⺀-鿿가-힣ぁ-ヿ]))(?:{words})(?:(?![^\W_])|(?=[⺀-鿿가-힣ぁ-ヿ])|(?<=[⺀-鿿가-힣ぁ-ヿ]))"
    )
