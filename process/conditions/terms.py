"""The terms of conditions: their names, what sort each is, and which can be compared."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from fivestep.process.model.deal import FieldKind
from fivestep.process.wording.spelling import did_you_mean

FACTS: Mapping[str, Literal["number", "date"]] = {
    "today": "date",
    "days_in_stage": "number",
    "days_since_contact": "number",
    "follow_ups": "number",
}
FUNCTIONS = ("known", "missing", "days_since", "days_until")
CONSTANTS = {"true": True, "false": False}

Sort = Literal["text", "choice", "number", "date", "flag", "milestone", "people"]
SORTS: Mapping[FieldKind, Sort] = {
    "text": "text",
    "answer": "text",
    "email": "text",
    "amount": "number",
    "percent": "number",
    "date": "date",
    "milestone": "milestone",
    "flag": "flag",
    "choice": "choice",
    "stage": "choice",
    "outcome": "choice",
    "people": "people",
}
_WORDS = ("text", "choice")
_INSTEAD: Mapping[Sort, str] = {
    "date": "compare it with today or another date, or count with days_since(…)",
    "flag": "write the name alone, or compare it with true or false",
    "milestone": "write known(…), missing(…) or days_since(…)",
    "people": "write known(…) or missing(…)",
}
LARGEST = 1e15


@dataclass(frozen=True)
class Scope:
    """What conditions may name."""

    kinds: Mapping[str, FieldKind]
    """Of every field there is."""
    values: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The values that each choice may have, and the stages."""
    mapped: Collection[str] = frozenset()

    """The fields that have a column."""


class VocabularyError(Exception):
    """Something in a condition is not in the vocabulary."""

    def __init__(self, message: str, node: ast.expr) -> None:
        self.message = message
        self.node = node
        super().__init__(message)


class Operand(NamedTuple):
    """One side of a comparison or of a sum."""

    code: str
    sort: Sort
    name: str
    """What messages call it."""
    blank: bool = False
    """It may be None."""
    mapped: bool = True
    values: Collection[str] | None = None
    """The values of a choice."""
    constant: str | float | bool | None = None


def folded(operand: Operand) -> Operand:
    """A text in the form in which texts are compared: people do not mind their capitals."""
    if not isinstance(operand.constant, str):
        return operand
    return operand._replace(code=repr(operand.constant.casefold()))


def check_equal(one: Operand, other: Operand, node: ast.expr) -> None:
    """Raise VocabularyError where two operands can never be equal."""
    if one.constant is not None and other.constant is None:
        one, other = other, one
    if {one.sort, other.sort} <= set(_WORDS):
        _check_value(one, other, node)
    elif one.sort != other.sort:
        raise VocabularyError(f"{one.name} and {other.name} cannot be equal: {_says(one)}, {_says(other)}", node)
    elif one.sort in ("milestone", "people"):
        raise VocabularyError(f"{one.name} cannot be compared: {_INSTEAD[one.sort]}", node)


def _check_value(one: Operand, other: Operand, node: ast.expr) -> None:
    word = other.constant
    if one.values is None or not isinstance(word, str) or word in one.values:
        return
    known = ", ".join(one.values)
    raise VocabularyError(
        f"{one.name} is never {word!r}{did_you_mean(word, one.values) or f'; it is one of {known}'}", node
    )


def check_order(one: Operand, other: Operand, node: ast.expr) -> None:
    """Raise VocabularyError where neither operand can be more or less than the other."""
    for operand in (one, other):
        if operand.sort not in ("number", "date"):
            instead = _INSTEAD.get(operand.sort, "use == or !=")
            raise VocabularyError(f"{operand.name} is neither more nor less than something: {instead}", node)
    if one.sort != other.sort:
        raise VocabularyError(f"{one.name} and {other.name} cannot be compared: {_says(one)}, {_says(other)}", node)


def _says(operand: Operand) -> str:
    sorts = {"text": "words", "choice": "words", "number": "a number", "date": "a date", "flag": "true or false",
             "milestone": "a milestone", "people": "names"}  # fmt: skip
    return f"{operand.name} is {sorts[operand.sort]}"
