"""What may stand in a Gmail search, and the searches for mails with people."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

Way = Literal["from", "to"]
"""Whether a mail is from a person, or to them."""

_PLAIN = re.compile(r"[a-z0-9_][a-z0-9._+'&=~/-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)


def is_plain(address: str) -> bool:
    """Whether an address means itself in a search, and nothing else."""
    return _PLAIN.fullmatch(address) is not None


def query(way: Way, people: Collection[str]) -> str:
    """The search for mails from these people, or for the owner's to them."""
    terms = [f"{way}:{one}" for one in people]
    some = terms[0] if len(terms) == 1 else f"{{{' '.join(terms)}}}"
    # A mail that another program sent in the owner's name has no label for it.
    return some if way == "from" else f"{some} {{in:sent from:me}} -in:drafts"
