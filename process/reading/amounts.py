"""Amounts of money and their currencies: `$12,500`, `12.500,00 €`, `1,2 Mio.`, `(500)`."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Collection
from typing import NamedTuple

from fivestep.process.reading.cells import CellFault, DecimalMark, Filled, Reading, narrow
from fivestep.process.reading.numbers import Number, decimal_mark, finite, read_number
from fivestep.process.wording.vocabulary import Words

_NOT_AN_AMOUNT = CellFault("cell.amount", "is not an amount", "Type one plain number, such as 12500")
_TWO_WAYS = CellFault(
    "cell.amount", "can be read in two ways, a thousandfold apart", "Type the whole number, such as 1250000"
)


class Money(NamedTuple):
    """An amount, and the ISO code of the currency that is written beside it."""

    value: float
    currency: str


class _Beside(NamedTuple):
    sign: int
    factor: float
    currency: str


def money_reader(cells: Collection[Filled], reading: Reading) -> Callable[[Filled], float | Money | CellFault]:
    """The reader of a column of amounts, of which these are the cells; it gives `Money` where a currency is named.

    What `12.500` is depends on the decimal mark of the settings, or else of the other cells.
    """
    written = {cell: read_number(cell) for cell in cells if isinstance(cell, str)}
    decimal = reading.decimal or decimal_mark(one.number for one in written.values() if one is not None)
    around = functools.cache(functools.partial(_around, reading.words))

    def read(cell: Filled) -> float | Money | CellFault:
        if isinstance(cell, str):
            one = written[cell] if cell in written else read_number(cell)
            beside = around(one.before, one.after) if one is not None else None
            return _NOT_AN_AMOUNT if one is None or beside is None else _money(one.number, beside, decimal)
        number = finite(cell)
        return _NOT_AN_AMOUNT if number is None else number

    return read


def currency_reader(words: Words) -> Callable[[Filled], str]:
    """The reader of a column of currencies: the ISO code where the writing is known, else the text as it stands."""
    currencies = words.currencies
    return lambda cell: currencies.get(unit_form(str(cell)), str(cell))


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


def _around(words: Words, before: str, after: str) -> _Beside | None:
    """What stands around the digits of an amount; None where it is not sign, multiplier and currency, each once."""
    signs = [c for c in before + after if c in "+-"]
    if "(" in before and ")" in after:
        signs.append("-")
        before, after = before.replace("(", "", 1), after.replace(")", "", 1)
    first, last = _unit(words, before.strip("+-")), _unit(words, after.strip("-"))
    if len(signs) > 1 or first is None or last is None or (first[1] and last[1] and first[1] != last[1]):
        return None
    return _Beside(-1 if "-" in signs else 1, first[0] * last[0], first[1] or last[1])


def _unit(words: Words, text: str) -> tuple[float, str] | None:
    """The factor and the currency that the text stands for, one or both; None where it is neither."""
    if not text:
        return 1.0, ""
    unit = unit_form(text)
    factors, currencies = words.multipliers, words.currencies
    if unit in factors or unit in currencies:
        return factors.get(unit, 1.0), currencies.get(unit, "")
    for cut in range(1, len(unit)):
        left, right = unit[:cut], unit[cut:]
        if left in factors and right in currencies:
            return factors[left], currencies[right]
        if left in currencies and right in factors:
            return factors[right], currencies[left]
    return None
