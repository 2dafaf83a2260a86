"""A small evaluator of formulas."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tests.fakes.google.a1 import Area, parse_cells
from tests.fakes.google.sheets_cells import ErrorText, Plain, tidy
from tests.fakes.google.sheets_formats import ENGLISH, serial_of, shown
from tests.fakes.google.sheets_references import REFERENCE, TAB

if TYPE_CHECKING:
    from tests.fakes.google.sheets_tab import Tab

TOKEN = re.compile(
    rf'\s*(?:(?P<text>"(?:[^"]|"")*")|(?P<number>(?:\d+(?:\.\d*)?(?:[eE][-+]?\d+)?%?|\.\d+)(?![:\d]))'
    rf"|(?P<error>#[A-Z/0]+[!?]?)|(?P<reference>{TAB}?(?:{REFERENCE})(?![A-Za-z0-9_(]))"
    rf"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<sign><>|<=|>=|[-+*/^&=<>(),;%]))"
)

Node = tuple[Any, ...]


class CellError(Exception):
    """An error value on its way out of a formula."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = ErrorText(code)


class NotReadError(Exception):
    """A formula that this evaluator can't read."""


def computed(formula: str, tab: Tab, row: int, column: int) -> Plain:
    """The value of a formula in a cell; NotReadError where it is beyond this evaluator."""
    try:
        value = _single(_value(_parsed(formula), tab, row, column))
    except CellError as trouble:
        return trouble.code
    except RecursionError:
        return ErrorText("#REF!")
    if isinstance(value, float | int) and not isinstance(value, bool):
        return tidy(value)
    return "" if value is None else value


@lru_cache(maxsize=20_000)
def _parsed(formula: str) -> Node:
    return _Parser(formula[1:]).whole()


class _Parser:
    """Reads comparisons over joins over sums over products over signs over single values."""

    LEVELS = (("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"))

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match or match.lastgroup is None:
                raise NotReadError(text)
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.at = 0

    def whole(self) -> Node:
        node = self.level(0)
        if self.at < len(self.tokens):
            raise NotReadError
        return node

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, sign: str) -> bool:
        if self.peek() == ("sign", sign):
            self.at += 1
            return True
        return False

    def level(self, depth: int) -> Node:
        if depth == len(self.LEVELS):
            return self.signed()
        node = self.level(depth + 1)
        while self.peek()[0] == "sign" and self.peek()[1] in self.LEVELS[depth]:
            sign = self.peek()[1]
            self.at += 1
            node = ("binary", sign, node, self.level(depth + 1))
        return node

    def signed(self) -> Node:
        if self.take("-"):
            return ("binary", "-", ("plain", 0), self.signed())
        if self.take("+"):
            return self.signed()
        return self.single()

    def single(self) -> Node:
        kind, text = self.peek()
        self.at += 1
        if kind == "text":
            return ("plain", text[1:-1].replace('""', '"'))
        if kind == "number":
            return ("plain", float(text.rstrip("%")) / (100 if text.endswith("%") else 1))
        if kind == "error":
            return ("error", text)
        if kind == "reference":
            return ("reference", text)
        if kind == "name":
            return self.named(text.upper())
        if (kind, text) == ("sign", "("):
            node = self.level(0)
            if not self.take(")"):
                raise NotReadError
            return node
        raise NotReadError

    def named(self, name: str) -> Node:
        if not self.take("("):
            if name in {"TRUE", "FALSE"}:
                return ("plain", name == "TRUE")
            raise NotReadError(name)
        if name not in FUNCTIONS and name not in LAZY:
            raise NotReadError(name)
        arguments: list[Node] = []
        while not self.take(")"):
            arguments.append(self.level(0))
            if not (self.take(",") or self.take(";") or self.peek() == ("sign", ")")):
                raise NotReadError
        return ("function", name, tuple(arguments))


def _value(node: Node, tab: Tab, row: int, column: int) -> Any:
    """A node's value: a plain one, None for an empty cell, a list of rows for a range."""
    if node[0] == "plain":
        return node[1]
    if node[0] == "error":
        raise CellError(node[1])
    if node[0] == "reference":
        return _referred(node[1], tab)
    if node[0] == "binary":
        one, other = (_single(_value(part, tab, row, column)) for part in node[2:])
        return _binary(node[1], one, other)
    name, arguments = node[1:]
    if name in LAZY:
        return LAZY[name](arguments, tab, row, column)
    return FUNCTIONS[name](*(_value(argument, tab, row, column) for argument in arguments))


def _referred(text: str, tab: Tab) -> Any:
    title, bang, cells = text.rpartition("!")
    if bang:
        found = tab.book.find(title[1:-1].replace("''", "'") if title.startswith("'") else title)
        if found is None:
            raise CellError("#REF!")
        tab = found
    area = parse_cells(cells.replace("$", ""))
    assert area is not None
    area = area.within(tab.row_count, tab.column_count)
    assert area.bottom is not None
    assert area.right is not None
    if area.bottom <= area.top or area.right <= area.left:
        raise CellError("#REF!")
    if ":" not in cells:
        return _cell_value(tab, area.top, area.left)
    last = min(area.bottom, len(tab.rows))
    return [[_cell_value(tab, at, column) for column in range(area.left, area.right)] for at in range(area.top, last)]


def _cell_value(tab: Tab, row: int, column: int) -> Plain | None:
    value = tab.value(row, column)
    if isinstance(value, ErrorText):
        raise CellError(value)
    return None if value == "" and not tab.formula(row, column) else value


def _single(value: Any) -> Any:
    if isinstance(value, list):
        if len(value) == 1 and len(value[0]) == 1:
            return value[0][0]
        raise CellError("#VALUE!")
    return value


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0
    if isinstance(value, bool | int | float):
        return float(value) if isinstance(value, bool) else value
    try:
        return float(value)
    except ValueError:
        raise CellError("#VALUE!") from None


def _text(value: Any) -> str:
    return "" if value is None else shown(value, "", ENGLISH)


def _binary(sign: str, one: Any, other: Any) -> Any:
    if sign == "&":
        return _text(one) + _text(other)
    if sign in {"=", "<>", "<", ">", "<=", ">="}:
        return _compared(sign, one, other)
    left, right = _number(one), _number(other)
    if sign == "/":
        if right == 0:
            raise CellError("#DIV/0!")
        return left / right
    return left + right if sign == "+" else left - right if sign == "-" else left * right


def _compared(sign: str, one: Any, other: Any) -> bool:
    left, right = (_ordered(value, against) for value, against in ((one, other), (other, one)))
    equal, less = left == right, left < right
    results = {"=": equal, "<>": not equal, "<": less, ">": not equal and not less}
    return results[sign[0]] or equal if sign in {"<=", ">="} else results[sign]


def _ordered(value: Any, against: Any) -> tuple[int, Any]:
    """Numbers before texts before booleans; an empty cell is whatever it is compared with."""
    if value is None:
        value = "" if isinstance(against, str) else 0
    if isinstance(value, bool):
        return 2, value
    return (1, value.lower()) if isinstance(value, str) else (0, value)


def _flat(arguments: tuple[Any, ...]) -> Iterator[Any]:
    for argument in arguments:
        if isinstance(argument, list):
            yield from (value for line in argument for value in line)
        else:
            yield argument


def _numbers(arguments: tuple[Any, ...]) -> list[float]:
    return [value for value in _flat(arguments) if isinstance(value, int | float) and not isinstance(value, bool)]


def _average(*arguments: Any) -> float:
    numbers = _numbers(arguments)
    if not numbers:
        raise CellError("#DIV/0!")
    return sum(numbers) / len(numbers)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": lambda *found: sum(_numbers(found)),
    "MAX": lambda *found: max(_numbers(found), default=0),
    "MIN": lambda *found: min(_numbers(found), default=0),
    "AVERAGE": _average,
    "COUNT": lambda *found: len(_numbers(found)),
    "COUNTA": lambda *found: sum(value is not None for value in _flat(found)),
    "AND": lambda *found: all(_flat(found)),
    "OR": lambda *found: any(_flat(found)),
    "NOT": lambda value: not _single(value),
    "ABS": lambda value: abs(_number(_single(value))),
    "ROUND": lambda value, places=0: round(_number(_single(value)), int(_number(places))),
    "CONCATENATE": lambda *found: "".join(map(_text, _flat(found))),
    "LEN": lambda value: len(_text(_single(value))),
    "UPPER": lambda value: _text(_single(value)).upper(),
    "LOWER": lambda value: _text(_single(value)).lower(),
    "TRIM": lambda value: " ".join(_text(_single(value)).split()),
    "ISBLANK": lambda value: _single(value) is None,
    "HYPERLINK": lambda link, label=None: _text(_single(link)) if label is None else _text(_single(label)),
    "DATE": lambda year, month, day: serial_of(dt.date(int(year), int(month), int(day))),
}


def _if(arguments: tuple[Node, ...], tab: Tab, row: int, column: int) -> Any:
    chosen = arguments[1:2] if _single(_value(arguments[0], tab, row, column)) else arguments[2:3]
    return _value(chosen[0], tab, row, column) if chosen else False


def _if_error(arguments: tuple[Node, ...], tab: Tab, row: int, column: int) -> Any:
    try:
        return _value(arguments[0], tab, row, column)
    except CellError:
        return _value(arguments[1], tab, row, column) if len(arguments) > 1 else ""


def _row(arguments: tuple[Node, ...], tab: Tab, row: int, column: int) -> int:
    return row + 1 if not arguments else _place(arguments[0]).top + 1


def _column(arguments: tuple[Node, ...], tab: Tab, row: int, column: int) -> int:
    return column + 1 if not arguments else _place(arguments[0]).left + 1


def _today(arguments: tuple[Node, ...], tab: Tab, row: int, column: int) -> int | float:
    return serial_of(tab.book.today())


def _not_there(arguments: tuple[Node, ...], tab: Tab, row: int, column: int) -> Any:
    raise CellError("#N/A")


LAZY: dict[str, Callable[[tuple[Node, ...], Any, int, int], Any]] = {
    "IF": _if,
    "IFERROR": _if_error,
    "ROW": _row,
    "COLUMN": _column,
    "TODAY": _today,
    "NA": _not_there,
}


def _place(node: Node) -> Area:
    area = parse_cells(node[1].rpartition("!")[2].replace("$", "")) if node[0] == "reference" else None
    if area is None:
        raise CellError("#N/A")
    return area
