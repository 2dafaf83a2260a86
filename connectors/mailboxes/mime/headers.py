"""What the headers of a mail say: who wrote it to whom, what it is about, and whether a person wrote it at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header

MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
"""A Message-ID that another mail can refer to."""

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
# Wider than `process.model.address`: other people's programs wrote these headers, and nothing is sent to what is found.
_ADDRESS = re.compile(r"""[^\s<>,;:"()@]+@[^\s<>,;:"()@]+""")
_AUTOMATIC = (
    r"auto(?:matic|mated)?[ -]?(?:reply|response|responder|answer)|out[ -]of[ -](?:the[ -])?office|ooo"
    r"|away from (?:my|the) (?:office|desk|mail|email)|on (?:annual |parental )?(?:leave|vacation|holiday)"
    r"|abwesenheits?(?:notiz|meldung|nachricht|assistent|benachrichtigung|agent)?"
    r"|automatische (?:antwort|abwesenheit\w*)"
    r"|nicht im (?:büro|haus)|r[ée]ponse automatique|absence du bureau|message d['’]absence|notification d['’]absence"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)"
    r"|automatisch antwoord|afwezigheid(?:sbericht)?|resposta autom[áa]tica|autosvar|automatiskt? svar|fr[åa]nvaro"
    r"|frav[æe]r|automaattinen vastaus|automatyczna odpowied[źz]|autoodpowied[źz]|automatická odpověď"
    r"|automatikus válasz|otomatik yanıt|автоответ|自动回复|自動回覆|自動返信|자동 ?회신|부재중"
)
_BEGINS_AUTOMATIC = re.compile(
    rf"[\W_]*(?:{_AUTOMATIC})(?:[\s:\-–—]*(?:{_AUTOMATIC}))*\s*(?:$|[:：\-–—|/()\[\].,!]|(?:re|aw|antw|sv)\b)",
    re.IGNORECASE,
)
_SAYS_AUTOMATIC = re.compile(rf"\b(?:{_AUTOMATIC})", re.IGNORECASE)
_SAID_BY_PROGRAMS = ("auto-submitted", "x-autoreply", "x-autorespond")
_TO_MANY = frozenset({"bulk", "junk", "list"})
_OF_AN_ANSWER = ("in-reply-to", "references")
_NO_PERSON = re.compile(r"(?:mailer-daemon|postmaster)@", re.IGNORECASE)


def decoded_header(value: str) -> str:
    """A header's value with its encoded words read; as it is where they are broken."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value


def addresses(value: str) -> list[str]:
    """The addresses in a From, To or Cc header, in lower case; one in a display name is none."""
    found = []
    for one in _QUOTED.sub(" ", value).split(","):
        angles = one.rpartition("<")
        found += _ADDRESS.findall(angles[2] if angles[1] else one)[:1]
    return [address.casefold() for address in found]


def writer(value: str) -> str:
    """The address in a From header, whatever the display name before it holds; empty where there is none."""
    _, angle, rest = value.rpartition("<")
    return next(iter(addresses(rest if angle else value)), "")


def answers_by_itself(headers: Mapping[str, str]) -> bool:
    """Whether a program says of itself that it wrote this mail (RFC 3834, and headers from before it)."""
    said = [headers.get(name, "").partition(";")[0].strip().casefold() for name in _SAID_BY_PROGRAMS]
    return any(word not in ("", "no") for word in said)


def is_automatic(headers: Mapping[str, str], sender: str, kind: str) -> bool:
    """Whether no person wrote this mail to somebody: an automatic reply, a bounce, a mail to many.

    `headers` by name in lower case; `kind` is the content type. After RFC 3834, and after what programs do that came
    before it. A subject alone counts only where it begins with the words of an automatic reply. An answer that came
    by way of a list, such as a group's address, was written to somebody all the same.
    """
    if answers_by_itself(headers) or _NO_PERSON.match(sender) or kind == "multipart/report":
        return True
    if headers.get("content-type", "").lstrip().casefold().startswith("multipart/report"):
        return True
    precedence = headers.get("precedence", "").strip().casefold()
    to_many = precedence in _TO_MANY or "list-unsubscribe" in headers
    if precedence == "auto_reply" or (to_many and headers.keys().isdisjoint(_OF_AN_ANSWER)):
        return True
    subject = headers.get("subject", "")
    if _BEGINS_AUTOMATIC.match(subject):
        return True
    return "x-auto-response-suppress" in headers and _SAYS_AUTOMATIC.search(subject) is not None
