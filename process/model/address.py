"""E-mail addresses, alone and with a name: the one grammar for cells, settings and senders.

Narrower than RFC 5321 and 5322: no quoted local parts, no comments, no domain without a dot. What other people's
programs write into mails is another matter, and read more generously by `mailed_addresses`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+[^\W\d_](?:(?:[^\W_]|-){{0,61}}[^\W_])?)")
_NAMED = re.compile(r'(?:"((?:[^"\\]|\\.)*)"\s*|([^<>]*))<([^<>]*)>', re.DOTALL)
_WORD = r"[A-Za-z0-9_%&'+-]+"
"""Of an address inside a text; signs such as a stroke rather stand between an address and what is before it."""
_INSIDE = re.compile(
    rf"(?<![\w.+%&-])(?<!\w')(?=\w){_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+[^\W\d_](?:(?:[^\W_]|-){{0,61}}[^\W_])?"
)
_WITH_BRACKETS = re.compile(
    rf"\s*[<(\[{{«（＜]?\s*(?i:mailto:|\be-?mail\b[:：]?\s*|\b(?:mail|courriel|correo)[:：]\s*)?"
    rf"{_INSIDE.pattern}(?:\s*[>)\]}}»）＞])?"
)
_PHONE = re.compile(r"(?i:\b(?:tel|phone|mob|mobile|cell)\b[.:]*\s*)?[+(]?\d[\d\s()./-]{5,}\d")
_MAILED = re.compile(r"""(?<![^\s<>,;:"()@])[^\s<>,;:"()@]+@[^\s<>,;:"()@]+""")
_LONGEST, _LONGEST_LOCAL = 254, 64
_MOST = 400
"""Characters: a longer text is not searched for addresses."""
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_BRACKETS = ("()", "[]", "{}", "<>", "«»", "（）", "＜＞")
_WHOLLY_IN_BRACKETS = re.compile(r"[(\[{<«（＜]([^()]*)[)\]}>»）＞]")
_AROUND_A_NAME = " \t\n\"',;:|/=→•·–—-"


class NamedAddress(NamedTuple):
    """An address, and whose it is."""

    name: str
    """Empty where only the address is known."""
    address: str
    """Empty where only the name is known."""


def local_and_domain(address: str) -> tuple[str, str] | None:
    """The two sides of one bare address; None where the text is anything else."""
    found = _ADDRESS.fullmatch(address) if len(address) <= _LONGEST else None
    return (found[1], found[2]) if found and len(found[1]) <= _LONGEST_LOCAL else None


def addresses_in(text: str) -> set[str]:
    """The different addresses in a text, in lower case; none where it is too long for a cell."""
    return {found[0].casefold() for found in _INSIDE.finditer(text)} if len(text) <= _MOST else set()


def mailed_addresses(text: str) -> list[str]:
    """The addresses in a mail's header or text, in lower case and in order, whatever may pass for one.

    Nothing is sent to what is found here. Quotation marks around it, and the end of a sentence, are no part of it.
    """
    return [found.strip("'.").casefold() for found in _MAILED.findall(text)]


def split_address(text: str) -> NamedAddress | None:
    """Name and address of `Ana <ana@northwind.example>`; None where there are no brackets.

    What stands in the brackets need not be an address.
    """
    found = _NAMED.fullmatch(text.strip())
    if found is None:
        return None
    quoted, plain, address = found.groups()
    name = plain.strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
    return NamedAddress(name, address.strip())


def name_and_address(cell: str) -> NamedAddress:
    """What a cell for a name holds: the name without the address, and the address if it is the only one.

    Written in any way: `Ana Sommer <ana@northwind.example>`, `Ana Sommer (ana@northwind.example)`, `Ana, ana@…`; a
    phone number beside them is no name. Lines of their own may well be several people: `;` stands between them.
    """
    found = addresses_in(cell) if "@" in cell else set()
    if not found:
        return NamedAddress(cell, "")
    lines = (_bare_name(line) for line in _WITH_BRACKETS.sub("", cell).splitlines())
    name = "; ".join(filter(None, lines))
    return NamedAddress(name, found.pop() if len(found) == 1 else "")


def _bare_name(text: str) -> str:
    """A name without what stood around an address: marks at its ends, a phone number, brackets that hold nothing."""
    name = _SPACES.sub(" ", _PHONE.sub("", text))
    for brackets in _BRACKETS:
        opening, closing = brackets[0], brackets[1]
        name = name.replace(brackets, "")
        if name.count(opening) != name.count(closing):
            name = name.replace(opening, "").replace(closing, "")
    name = name.strip(_AROUND_A_NAME)
    whole = _WHOLLY_IN_BRACKETS.fullmatch(name)
    return whole[1].strip() if whole else name


def display_name(sender: str) -> str:
    """`Ana Sommer` of `Ana Sommer <ana@northwind.example>`; empty where there is only an address."""
    named = split_address(sender)
    return named.name if named else ""


def bare_address(sender: str) -> str:
    """`ana@northwind.example` of `Ana Sommer <ana@northwind.example>`, in lower case."""
    return sender.rsplit("<", 1)[-1].rstrip("> ").strip().casefold()


def named_address(name: str, address: str) -> str:
    """The address with the name before it, where there is one, as a mail's sender; an address is no name."""
    bare = _SPACES.sub(" ", re.sub(r'[\\"<>]', "", name_and_address(name[:_MOST]).name)).strip()
    return f'"{bare}" <{address}>' if bare else address
