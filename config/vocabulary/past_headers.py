"""What the columns of an exported past mean; `past_headers.toml` says how they are called."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from fivestep.config.vocabulary.headers import claims
from fivestep.process.wording.vocabulary import plain

PastRole = Literal["on", "to_stage", "from_stage", "field", "new_value", "old_value"]
"""The day of a change, the stages after and before it, or which field changed, and its values."""

ChangedField = Literal["stage", "status", "created"]
"""What a line of a deal's changes can tell of its stages: one that it came into, how it ended, when it began."""

_MARKS = " \t\"'“”„«»‹›:–-"


class PastClaim(NamedTuple):
    """A role that a header has."""

    role: PastRole
    rank: int
    """The lower, the more the word says."""


def past_role(header: str) -> PastClaim | None:
    """The role of a column in a file of changes; None where the header names none."""
    return _words().roles.get(plain(header))


def stage_in_header(header: str) -> str:
    """The stage of `Date entered "Pitch (Sales)"`, in the header's own word; empty where it names none."""
    if any(claim.exact for claim in claims(header)):
        return ""
    matches = (pattern.fullmatch(header.strip()) for pattern in _words().entered)
    return next((word for match in matches if match and (word := match[1].strip(_MARKS))), "")


def changed_field(name: str) -> ChangedField | None:
    """What a change of this field tells of a deal's stages; None where nothing."""
    text = plain(name)
    if text in _words().status:
        return "status"
    if text in _words().created:
        return "created"
    meant = claims(name.removesuffix("_id"))
    return "stage" if any(claim.field == "stage" and claim.exact for claim in meant) else None


class _Words(NamedTuple):
    roles: Mapping[str, PastClaim]
    entered: Sequence[re.Pattern[str]]
    status: frozenset[str]
    created: frozenset[str]


@functools.cache
def _words() -> _Words:
    lists: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("past_headers.toml").read_text("utf-8"))
    roles: dict[str, PastClaim] = {}
    for role in get_args(PastRole):
        for rank, word in enumerate(lists[role]):
            roles.setdefault(plain(word), PastClaim(role, rank))
    entered = [re.compile(_pattern(form), re.IGNORECASE) for form in lists["entered"]]
    return _Words(roles, entered, frozenset(map(plain, lists["status"])), frozenset(map(plain, lists["created"])))


def _pattern(form: str) -> str:
    """The form as a pattern, with any spaces between its words."""
    return re.escape(form).replace(r"\ ", r"\s+").replace(r"\*", "(.+?)")
