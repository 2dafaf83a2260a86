"""The words that mark mails which no person has to read; `config/vocabulary` has the lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
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
    lost: re.Pattern[str]
    """What the subject of a report on a lost mail begins with, before that mail's own."""
    says_lost: re.Pattern[str]
    """Words of a mail that tells of a delivery, where no header says so."""
    not_lost: re.Pattern[str]
    """Words of a report on a mail that is late, or has arrived."""
    reacted: re.Pattern[str]
    """Words of a mail that only tells of a thumb, a heart or the like."""
    leave_me_alone: re.Pattern[str]
    """Words by which somebody asks to get no more mails, anywhere in their text."""
    leave_me_alone_alone: re.Pattern[str]
    """The same as the whole text."""
    not_meant: re.Pattern[str]
    """Right before those words, at the end of the text: it is not what they ask for, or not theirs."""
    in_a_case: re.Pattern[str]
    """Words in the rest of the sentence: it holds for a time, a way or a case only."""
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


_SOME = r"[ ,-](?:[^.!?;]{0,40}[ ,-])?"
"""Some words of the same sentence, or none."""


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
        lost=re.compile(rf"\W*(?:{words['lost']})"),
        says_lost=re.compile(rf"(?:{words['says_lost']})"),
        not_lost=re.compile(rf"(?<!\w)(?:{words['not_lost']})"),
        reacted=re.compile(rf"(?<!\w)(?:{words['reacted']})"),
        leave_me_alone=_wishes(lists["leave_me_alone"], words["courtesy"]),
        leave_me_alone_alone=re.compile(
            rf"\W*(?:(?:{words['courtesy']})\W+)*(?:{words['leave_me_alone_alone']})(?:\W+(?:{words['courtesy']}))*\W*"
        ),
        not_meant=re.compile(rf"(?:{_whole(words['not_meant'])} |[\"'“„«‘‚]) ?(?:(?:{words['courtesy']}) )*$"),
        in_a_case=re.compile(_whole(words["in_a_case"])),
        quoting=re.compile(
            rf"(?<!\w)(?:{words['quoting']})\b[^.!?]{{0,80}}:|(?:^| )>|-{{3,}}|_{{8,}}"
            rf"|<[^<>\s]+@[^<>\s]+>[^.!?]{{0,20}}:"
            rf"|(?<!\w)(?:{words['quoting_from']}) ?[:：].{{1,200}}? (?:{words['quoting_sent']}) ?[:：]"
        ),
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


def _wishes(sentences: Iterable[str], courtesy: str) -> re.Pattern[str]:
    """Sentences in the notation of `leave_me_alone`."""
    end = rf"(?=[^\w.!?;]*(?:[.!?;。！？]|$|(?:{courtesy})(?!\w)))"
    return re.compile(_whole("|".join(_wish(sentence.split(), end) for sentence in sentences)))


def _wish(parts: Sequence[str], end: str) -> str:
    pattern = ""
    for part in parts:
        before = "" if not pattern or pattern.endswith(_SOME) else "[ -]"
        if part == "*":
            pattern += _SOME
        elif "$" in part.split("|"):
            others = [_pattern(word.replace("_", " ")) for word in part.split("|") if word != "$"]
            pattern += rf"(?:{end}|{before}(?:{'|'.join(others)}))" if others else end
        else:
            pattern += before + "(?:" + "|".join(_pattern(word.replace("_", " ")) for word in part.split("|")) + ")"
    return pattern


def _whole(words: str) -> str:
    """The words, where letters that are written with spaces between them begin and end there."""
    return (
        rf"(?:(?<![^\W_])|(?<=[⺀-鿿가-힣ぁ-ヿ]))(?:{words})(?:(?![^\W_])|(?=[⺀-鿿가-힣ぁ-ヿ])|(?<=[⺀-鿿가-힣ぁ-ヿ]))"
    )
