"""How a workbook shows its numbers (ECMA-376, part 1, 18.8.30 and 18.8.31)."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

from fivestep.connectors.sheets.xlsx.package import Package
from fivestep.process.wording.show import plain_number

GENERAL_FORMAT = "General"

_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    5: "$#,##0", 6: "$#,##0", 7: "$#,##0.00", 8: "$#,##0.00",
    37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)",
    41: '#,##0;(#,##0);"-"', 42: '$#,##0;$(#,##0);"$-"', 43: '#,##0.00;(#,##0.00);"-"',
    44: '$#,##0.00;$(#,##0.00);"$-"',
}  # fmt: skip
"""The formats that files name by number only, as an English Excel has them; dates are none of them."""

_PART = re.compile(r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]|(?P<sign>.)', re.DOTALL)
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|colou?r ?\d+", re.IGNORECASE)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_COMPARED = {
    "<=": operator.le, ">=": operator.ge, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
_NOT_READ = frozenset("EeYyMmDdHhSsAaPpGgBb/@")
_PLACES = frozenset("0#?")


class _Part(NamedTuple):
    """A place for a digit, a sign with a meaning, or a literal text."""

    sign: str
    literal: str = ""


class _Condition(NamedTuple):
    """For which numbers a section is, as in `[<=9999999]###-####;(###) ###-####` for phone numbers."""

    sign: str
    bound: float


_Section = list[_Part] | None
"""None where something in it is not read here."""


def number_formats(package: Package) -> list[str]:
    """The format of each cell style, as the cells number them."""
    styles = package.related("styles")
    if not styles:
        return []
    own = {
        int(one.get("numFmtId", "0")): one.get("formatCode", GENERAL_FORMAT)
        for one in package.elements(styles, "numFmt")
    }
    known = {**_BUILT_IN, **own}
    numbers = (style.get("numFmtId", "0") for cells in package.elements(styles, "cellXfs") for style in cells)
    return [known.get(int(number), GENERAL_FORMAT) for number in numbers]


def displayed(value: float, code: str) -> str:
    """The number in this format, without spaces around it; unchanged in a format that is not known here.

    Not read are dates, fractions and powers of ten.
    """
    sections = _sections(code)
    conditions = _conditions(code)
    parts = _section_where(value, sections, conditions) if conditions else _section(value, sections)
    if not parts:
        return plain_number(value)
    try:
        text = _filled(Decimal(repr(abs(value))), parts)
    except InvalidOperation:
        return plain_number(value)
    signless = value >= 0 or (len(sections) > 1 and not conditions) or text.strip("0.,") == ""
    return text if signless else f"-{text}"


def _section_where(value: float, sections: Sequence[_Section], conditions: Sequence[_Condition | None]) -> _Section:
    """The first section whose condition holds for this number, or that has none."""
    matching = (
        section
        for section, condition in zip(sections, conditions, strict=True)
        if condition is None or _COMPARED[condition.sign](value, condition.bound)
    )
    return next(matching, None)


def _conditions(code: str) -> list[_Condition | None]:
    """The condition of each section; empty where none has any."""
    if not _CONDITION.search(code):
        return []
    found: list[_Condition | None] = [None]
    for match in _PART.finditer(code):
        if match["sign"] == ";":
            found.append(None)
        elif told := _CONDITION.fullmatch(f"[{match['bracket']}]"):
            found[-1] = _Condition(told[1], float(told[2]))
    return found


def _section(value: float, sections: Sequence[_Section]) -> _Section:
    """Of up to three the one for this number: positive, negative, zero."""
    if value == 0 and len(sections) > 2:
        return sections[2]
    return sections[1] if value < 0 and len(sections) > 1 else sections[0]


def _sections(code: str) -> list[_Section]:
    """What each section is made of."""
    sections: list[_Section] = [[]]
    for match in _PART.finditer("" if code.casefold() == "general" else code):
        if match["sign"] == ";":
            sections.append([])
            continue
        part, section = _part(match), sections[-1]
        if part is None:
            sections[-1] = None
        elif section is not None:
            section.append(part)
    return sections


def _part(match: re.Match[str]) -> _Part | None:
    """A part of a section; None for what is not read here."""
    literal, bracket, sign = match["quoted"] or match["escaped"] or "", match["bracket"], match["sign"]
    if bracket is not None:
        if bracket.startswith("$"):
            return _Part("", bracket[1:].partition("-")[0])
        return _Part("") if _COLOUR.fullmatch(bracket) or _CONDITION.fullmatch(f"[{bracket}]") else None
    if sign is None:
        return _Part("", literal)
    if sign in _NOT_READ:
        return None
    return _Part(sign) if sign in _PLACES or sign in ".,%" else _Part("", sign)


def _filled(number: Decimal, parts: Sequence[_Part]) -> str:
    signs = [part.sign for part in parts]
    places = [at for at, sign in enumerate(signs) if sign in _PLACES]
    if not places:
        return "".join(part.literal for part in parts).strip()
    point = signs.index(".") if "." in signs else len(parts)
    whole = [at for at in places if at < point]
    behind = [at for at in places if at > point]
    last = whole[-1] if whole else point
    thousands = signs[last:].count(",")
    grouped = "," in (signs[whole[0] : last] if whole else ())
    number = number * 100 ** signs.count("%") / 1000**thousands
    text = str(number.quantize(Decimal(1).scaleb(-len(behind)), ROUND_HALF_UP))
    digits, _, fraction = text.partition(".")
    texts = _whole(digits, [signs[at] for at in whole], grouped=grouped)
    shown = dict(zip(whole, texts, strict=True)) | dict(
        zip(behind, _fraction(fraction, [signs[at] for at in behind]), strict=True)
    )
    if point < len(parts):
        shown[point] = "." if any(shown[at].strip() for at in behind) else ""
    percents = {at: "%" for at, sign in enumerate(signs) if sign == "%"}
    return "".join((shown | percents).get(at, part.literal) for at, part in enumerate(parts)).strip()


def _whole(digits: str, places: Sequence[str], *, grouped: bool) -> list[str]:
    """What stands at each place of the whole part; digits for which there is no place stand at the first."""
    if not places:
        return []
    least = len(places) - places.index("0") if "0" in places else 0
    digits = digits.lstrip("0").zfill(least)
    if grouped:
        return [_by_threes(digits), *[""] * (len(places) - 1)]
    apart = digits.rjust(len(places))
    first = len(apart) - len(places) + 1
    return [apart[:first].strip(), *(digit.strip() for digit in apart[first:])]


def _by_threes(digits: str) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", digits)


def _fraction(digits: str, places: Sequence[str]) -> Iterator[str]:
    """What stands at each place behind the point: a `#` shows no zero at the end."""
    said = len(digits.rstrip("0"))
    for at, (digit, place) in enumerate(zip(digits, places, strict=True)):
        yield digit if place == "0" or at < said or "0" in places[at:] else ""
