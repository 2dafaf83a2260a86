"""Subjects of mails, and what mail programs put before them in answers and forwards."""

from __future__ import annotations

import re

_ANSWERS = "re|r|aw|antw|antwort|sv|vs|ref|rif|res|odp|ynt"
_FORWARDS = "fwd?|wg|tr|rv|doorst|i"
_NUMBERED = r"\s*(?:\[\d+\])?\s*[:：]"
_ANSWER = re.compile(rf"\s*(?:{_ANSWERS}){_NUMBERED}", re.IGNORECASE)
_PREFIX = re.compile(rf"\s*(?:{_ANSWERS}|{_FORWARDS}){_NUMBERED}", re.IGNORECASE)


def as_answer(subject: str) -> str:
    """The subject of an answer to a mail with this one."""
    return subject if _ANSWER.match(subject) else f"Re: {subject}".rstrip()


def topic(subject: str) -> str:
    """A subject for comparing: without `Re:` and the like, spaces and case aside."""
    while prefix := _PREFIX.match(subject):
        subject = subject[prefix.end() :]
    return " ".join(subject.split()).casefold()
