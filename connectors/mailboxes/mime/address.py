"""Addresses as they may stand in a mail's header: exactly one, and nothing that could be read as more."""

from __future__ import annotations

import re
from typing import NamedTuple

from fivestep.connectors.mailbox import RefusedError

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?P<domain>[^\s@]+)")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>\s*")


class Mailer(NamedTuple):
    """Who a mail is from."""

    name: str
    """Empty where only the address is known."""
    address: str


def one_address(text: str) -> str:
    """The address, its domain in ASCII; raises RefusedError where the text is anything but one bare address."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise RefusedError(f"{text!r} is not one e-mail address: write it like kim@fabrikam.example")
    local = text[: found.start("domain")]
    return local + _ascii_domain(found["domain"], text)


def address_in_headers(address: str) -> str:
    """The address as headers have it: in lower case, its domain in ASCII. As it is where it is none."""
    try:
        return one_address(address).casefold()
    except RefusedError:
        return address


def mailer(text: str) -> Mailer:
    """The sender of `ana@northwind.example`, `Ana <ana@northwind.example>` or `"Sommer, Ana" <…>`."""
    named = _NAMED.fullmatch(text)
    if named is None:
        return Mailer("", one_address(text))
    name = named["name"].strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Mailer(name, one_address(named["address"].strip()))


def _ascii_domain(domain: str, text: str) -> str:
    if domain.isascii():
        plain = domain
    else:
        try:
            plain = domain.encode("idna").decode("ascii")
            # The older rules, which Python knows, take another domain for some names: `ß` becomes `ss`.
            unambiguous = plain.encode("ascii").decode("idna") == domain.lower()
        except UnicodeError:
            unambiguous = False
        if not unambiguous:
            raise RefusedError(f"the domain of {text!r} can't be written in ASCII for sure: write it as xn--…")
    if _DOMAIN.fullmatch(plain) is None:
        raise RefusedError(f"{text!r} has no valid domain: write it like kim@fabrikam.example")
    return plain
