"""Has formulas calculated anew at the next opening, where they may depend on written cells.

What a formula shows is kept in the file beside it, and most programs trust that (ECMA-376, part 1, 18.2.2).
"""

from __future__ import annotations

import re

from fivestep.connectors.sheets.xlsx.package import Package

_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_CALC = re.compile(rb"""<(?:[\w.-]+:)?calcPr(?=[\s/>])(?:[^<>"']|"[^"]*"|'[^']*')*?(?=\s*/?>)""")
_ON_LOAD = re.compile(rb"""\sfullCalcOnLoad\s*=\s*["']([^"']*)["']""")
_BEFORE_CALC = re.compile(
    rb"</(?P<prefix>(?:[\w.-]+:)?)(?:definedNames|externalReferences|functionGroups|sheets)\s*>"
    rb"|<(?P<empty>(?:[\w.-]+:)?)(?:definedNames|externalReferences|functionGroups)(?:\s[^<>]*)?/>"
)
"""Of what stands before `calcPr` (18.2.27), the elements nearest to it."""


def holds_formulas(package: Package) -> bool:
    """Whether any cell of any worksheet is calculated."""
    return any(_FORMULA.search(package.part(tab.part)) for tab in package.tabs)


def calculated_on_load(workbook: bytes) -> bytes:
    """The workbook's own markup, which now asks for a calculation of all formulas when it is opened."""
    calc = _CALC.search(workbook)
    if calc is None:
        before = list(_BEFORE_CALC.finditer(workbook))
        if not before:
            return workbook
        prefix, end = before[-1]["prefix"] or before[-1]["empty"] or b"", before[-1].end()
        return b'%b<%bcalcPr fullCalcOnLoad="1"/>%b' % (workbook[:end], prefix, workbook[end:])
    asked = _ON_LOAD.search(workbook, calc.start(), calc.end())
    if asked is None:
        return b'%b fullCalcOnLoad="1"%b' % (workbook[: calc.end()], workbook[calc.end() :])
    return workbook[: asked.start(1)] + b"1" + workbook[asked.end(1) :]
