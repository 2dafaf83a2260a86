"""One address from one cell; what is not surely one address is none."""

from __future__ import annotations

import re

from fivestep.process.reading.cells import CellFault, Filled, as_text

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+[^\W\d_](?:(?:[^\W_]|-){{0,61}}[^\W_])?)")
_NAMED = re.compile(r"[^<>@]*<([^<>]*)>")
_LONGEST, _LONGEST_LOCAL = 254, 64
_LONGEST_CELL = 400

_FIX = "Type one address, such as ana@northwind.example"
_NOT_AN_ADDRESS = CellFault("cell.email", "is not an e-mail address", _FIX)
_SEVERAL = CellFault("cell.email", "holds more than one e-mail address", "Leave the one that follow-ups go to")


def read_email(cell: Filled) -> str | CellFault:
    """The address, its domain in lower case: from `Ana <ana@northwind.example>` and `mailto:` links as well.

    Narrower than RFC 5321 allows: no quoted names, no comments, no addresses without a dot in the domain.
    """
    text = as_text(cell).rstrip(";, ")
    if len(text) > _LONGEST_CELL:
        return _NOT_AN_ADDRESS
    if text.count("@") > 1:
        return _SEVERAL if len(_ADDRESS.findall(text)) > 1 else _NOT_AN_ADDRESS
    named = _NAMED.fullmatch(text)
    bare = (named[1] if named else text).strip()
    if bare[:7].casefold() == "mailto:":
        bare = bare[7:].partition("?")[0]
    match = _ADDRESS.fullmatch(bare)
    return _checked(match) if match else _NOT_AN_ADDRESS


def _checked(match: re.Match[str]) -> str | CellFault:
    local, domain = match[1], match[2]
    if len(local) > _LONGEST_LOCAL or len(local) + 1 + len(domain) > _LONGEST:
        return _NOT_AN_ADDRESS
    return f"{local}@{domain.lower()}"
