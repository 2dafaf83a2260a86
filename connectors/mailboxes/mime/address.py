"""Addresses as they may stand in a mail's header: exactly one, and nothing that could be read as more."""

from __future__ import annotations

from fivestep.connectors.mailbox import RefusedError
from fivestep.process.model.address import NamedAddress, local_and_domain, split_address

_LONGEST_DOMAIN = 253


def one_address(text: str) -> str:
    """The address, its domain in ASCII.

    Raises RefusedError where the text is anything but one bare address.
    """
    sides = local_and_domain(text)
    if sides is None:
        raise RefusedError(f"{text!r} is not one e-mail address: write it like kim@fabrikam.example")
    return f"{sides[0]}@{_ascii_domain(sides[1], text)}"


def address_in_headers(address: str) -> str:
    """The address as headers have it: in lower case, its domain in ASCII. As it is where it is none."""
    try:
        return one_address(address).casefold()
    except RefusedError:
        return address


def mailer(text: str) -> NamedAddress:
    """The sender of `ana@northwind.example`, `Ana <ana@northwind.example>` or `"Sommer, Ana" <…>`."""
    named = split_address(text)
    return NamedAddress(named.name, one_address(named.address)) if named else NamedAddress("", one_address(text))


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
    if len(plain) > _LONGEST_DOMAIN:
        raise RefusedError(f"{text!r} has no valid domain: write it like kim@fabrikam.example")
    return plain
