"""Field masks, as in `fields=sheets(properties/title,data),namedRanges`: what of an answer goes out."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.google.answers import GoogleError

Mask = dict[str, "Mask"]
"""What is asked for below each name; nothing below it means all of it."""

TOKEN = re.compile(r"\s*([A-Za-z0-9_*@$-]+|[(),/.])")


def parse_mask(text: str) -> Mask:
    """The tree that a mask names; 400 where it is none."""
    tokens = TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise _refused(text)
    mask: Mask = {}
    rest = _read_list(tokens, mask, text)
    if rest:
        raise _refused(text)
    return mask


def masked(answer: Any, mask: Mask) -> Any:
    """The answer, reduced to what the mask asks for."""
    if not mask or ("*" in mask and not mask["*"]):
        return answer
    if isinstance(answer, list):
        return [masked(item, mask) for item in answer]
    if not isinstance(answer, dict):
        return answer
    kept = {}
    for name, value in answer.items():
        below = wanted(mask, name)
        if below is not None:
            kept[name] = masked(value, below)
    return kept


def wanted(mask: Mask | None, name: str) -> Mask | None:
    """What of a name is asked for: an empty mask for all of it, None for nothing."""
    if not mask:
        return {}
    return mask.get(name, mask.get("*"))


def _read_list(tokens: list[str], mask: Mask, text: str) -> list[str]:
    while True:
        tokens = _read_path(tokens, mask, text)
        if not tokens or tokens[0] != ",":
            return tokens
        tokens = tokens[1:]


def _read_path(tokens: list[str], mask: Mask, text: str) -> list[str]:
    if not tokens or tokens[0] in "(),/.":
        raise _refused(text)
    name, tokens = tokens[0], tokens[1:]
    known = name in mask
    below = mask.setdefault(name, {})
    if tokens and tokens[0] in "/.":
        if known and not below:
            below = {}  # the whole of it was asked for before
        return _read_path(tokens[1:], below, text)
    if tokens and tokens[0] == "(":
        tokens = _read_list(tokens[1:], below, text)
        if not tokens or tokens[0] != ")":
            raise _refused(text)
        return tokens[1:]
    below.clear()
    return tokens


def _refused(text: str) -> GoogleError:
    message = f"Request contains an invalid argument. Invalid field selection {text}"
    return GoogleError(400, "invalidParameter", message)
