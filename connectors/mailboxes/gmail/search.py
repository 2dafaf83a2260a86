"""Searches in Gmail for mails with people, and which addresses can be searched for."""

from __future__ import annotations

import re
from collections.abc import Collection

from fivestep.process.mails.exchange import Direction

BOUNCES = "{from:mailer-daemon from:postmaster}"
"""The search for reports on mails that could not be delivered."""

_PLAIN = re.compile(r"[a-z0-9_][a-z0-9._+'&=~/-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)


def is_plain(address: str) -> bool:
    """Whether a search for this address finds it and nothing else."""
    return _PLAIN.fullmatch(address) is not None


def query(way: Direction, people: Collection[str]) -> str:
    """The search for mails from these people, or for the owner's mails to them."""
    terms = [f"{way}:{form}" for one in people for form in _forms(one)]
    some = terms[0] if len(terms) == 1 else f"{{{' '.join(terms)}}}"
    # A mail that another program sent in the owner's name has no label for it.
    return some if way == "from" else f"{some} {{in:sent from:me}} -in:drafts"


def _forms(address: str) -> list[str]:
    """The address, and the other name of its domain: Gmail's mails come with either."""
    local, _, domain = address.rpartition("@")
    other = {"gmail.com": "googlemail.com", "googlemail.com": "gmail.com"}.get(domain)
    return [address, f"{local}@{other}"] if other else [address]
