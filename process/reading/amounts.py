"""Amounts of money with their currencies: `$12,500`, `12.500,00 €`, `1,2 Mio.`, `(500)`, `$ -`."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from fivestep.process.reading.cells import CellFault, DecimalMark, Filled, Reading, narrow
from fivestep.process.reading.numbers import Number, decimal_mark, finite, read_number
from fivestep.process.wording.vocabulary import Words

_NOT_AN_AMOUNT = CellFault("cell.amount", "is not an amount", "Type one plain number, such as 12500")
_TWO_WAYS = CellFault(
    "cell.amount", "can be read in two ways, a thousandfold apart", "Type the whole number, such as 1250000"
)


_DASH = re.compile(r"(?P<before>[^\d-]*?)-{1,3}(?:[.,]-{1,2})?(?P<after>[^\d-]*)")
"""How accounting formats show a zero, the Swiss with its cents: `CHF -.--`."""

_IN_A_HEADER = re.compile(r"[^\w\s()\[\]{}.,:;/|&%#*+'\"-]|(?<=[(\[])\s*[A-Z]{3}\s*(?=[)\]])|\b[A-Z]{3}$")
"""A sign anywhere, or the code of a currency in brackets or at the end."""

_IN_BRACKETS = re.compile(r"\(\w+\)|\[\w+\]")

_SHARED_SIGNS = frozenset({"$", "£", "¥", "rs", "kr", "fr", "₨"})
"""Signs, in the form of `unit_form`, of more than one country's currency: a code beside one says which."""


class Money(NamedTuple):
    """An amount, and the ISO code of the currency that is written beside it."""

    value: float
    currency: str


class _Beside(NamedTuple):
    sign: int
    factor: float
    currency: str


def money_reader(cells: Collection[Filled], reading: Reading) -> Callable[[Filled], float | Money | CellFault]:
    """The reader of a column of amounts, given its cells; it returns `Money` where a currency is named.

    What `12.500` is depends on the decimal mark of the settings, or else of the other cells.
    """
    written = {cell: read_number(cell) for cell in cells if isinstance(cell, str)}
    decimal = reading.decimal or decimal_mark(one.number for one in written.values() if one is not None)
    around = functools.cache(functools.partial(_around, reading.words))

    def read(cell: Filled) -> float | Money | CellFault:
        if isinstance(cell, str):
            one = written[cell] if cell in written else read_number(cell)
            if one is None:
                return _nothing(cell, reading.words)
            beside = around(one.before, one.after)
            return _NOT_AN_AMOUNT if beside is None else _money(one.number, beside, decimal)
        number = finite(cell)
        return _NOT_AN_AMOUNT if number is None else number

    return read


def currency_reader(words: Words) -> Callable[[Filled], str]:
    """The reader of currencies: the ISO code where the cell's word is known, else the word itself."""
    currencies = words.currencies
    return lambda cell: currencies.get(unit_form(str(cell)), str(cell))


def currency_in_header(header: str, words: Words) -> str:
    """The currency that a header such as `Amount (USD)` gives its amounts; empty where it names none."""
    forms = map(unit_form, _IN_A_HEADER.findall(header.strip()))
    named = {words.currencies[form] for form in forms if form in words.currencies}
    return named.pop() if len(named) == 1 else ""


def unit_form(text: str) -> str:
    """The form in which currencies and multipliers are compared: folded case, no spaces or points."""
    return narrow(text).casefold().replace(".", "").replace(" ", "")


def _money(number: Number, beside: _Beside, decimal: DecimalMark | None) -> float | Money | CellFault:
    if beside.factor != 1 and decimal is None and number.otherwise is not None:
        return _TWO_WAYS
    value = beside.sign * beside.factor * number.under(decimal)
    if not math.isfinite(value):
        return _NOT_AN_AMOUNT
    if beside.factor != 1:
        value = round(value, 2)  # 1.15 times a million is a hair off in binary
    return Money(value, beside.currency) if beside.currency else value


def _nothing(text: str, words: Words) -> float | Money | CellFault:
    """The zero of an accounting format: a dash, with or without a currency on one side of it."""
    dash = _DASH.fullmatch(narrow(text))
    beside = [side for side in map(str.strip, dash.groups()) if side] if dash else None
    unit = (1.0, "") if beside == [] else _unit(words, beside[0]) if beside and len(beside) == 1 else None
    if unit is None or unit[0] != 1:
        return _NOT_AN_AMOUNT
    return Money(0.0, unit[1]) if unit[1] else 0.0


def _around(words: Words, before: str, after: str) -> _Beside | None:
    """What stands around the digits; None where it is not at most one sign, multiplier and currency."""
    signs = [c for c in before + after if c in "+-"]
    if "(" in before and ")" in after:
        signs.append("-")
        before, after = before.replace("(", "", 1), after.replace(")", "", 1)
    first, last = _unit(words, before.strip("+-")), _unit(words, after.strip("-"))
    if last is None and before in _SHARED_SIGNS and (both := _unit(words, before + after)):
        first, last = (1.0, ""), both  # `$1,200 US`, as `1 200 $ US`
    if len(signs) > 1 or first is None or last is None:
        return None
    currency = first[1] or last[1]
    if last[1] and currency != last[1]:
        named = unit_form(after.strip("()[]")).endswith(last[1].casefold())
        if first[1] and not (named and unit_form(before.strip("+-")) in _SHARED_SIGNS):
            return None
        currency = last[1]
    return _Beside(-1 if "-" in signs else 1, first[0] * last[0], currency)


def _unit(words: Words, text: str) -> tuple[float, str] | None:
    """The factor and the currency that the text stands for, one or both; None where it is neither."""
    if not text:
        return 1.0, ""
    unit = unit_form(text[1:-1] if _IN_BRACKETS.fullmatch(text) else text)
    factors, currencies = words.multipliers, words.currencies
    if unit in factors or unit in currencies:
        return factors.get(unit, 1.0), currencies.get(unit, "")
    for cut in range(1, len(unit)):
        left, right = unit[:cut], unit[cut:]
        if left in factors and right in currencies:
            return factors[left], currencies[right]
        if left in currencies and right in factors:
            return factors[right], currencies[left]
        for sign, code in ((left, right), (right, left)):
            if sign in _SHARED_SIGNS and currencies.get(code) == code.upper():
                return 1.0, currencies[code]
    return None
