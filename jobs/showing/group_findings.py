"""Findings that read alike, taken together: forty rows without a budget are one line to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fivestep.process.model.problem import Problem, Severity

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

ROWS_NAMED = 6


class Finding(NamedTuple):
    """One finding, and every row that has it."""

    severity: Severity
    column: str
    message: str
    fix: str
    rows: Sequence[int]
    """In order; 0 stands for the sheet as a whole."""

    @property
    def where(self) -> str:
        """The cells, as a person would name them."""
        return cells_named(self.column, self.rows)


def alike(problems: Iterable[Problem]) -> list[Finding]:
    """The findings, the worst first, and among equals the most frequent."""
    grouped: dict[tuple[Severity, str, str, str], list[int]] = defaultdict(list)
    for problem in problems:
        fix = f"{problem.fix}, or {problem.or_settings}" if problem.or_settings else problem.fix
        grouped[problem.severity, problem.column, problem.message, fix].append(problem.row)
    return sorted(
        (Finding(*kind, sorted(rows)) for kind, rows in grouped.items()),
        key=lambda finding: (_SEVERITIES.index(finding.severity), -len(finding.rows), finding.rows),
    )


def cells_named(column: str, rows: Sequence[int]) -> str:
    """`Budget, rows 5, 9 and 12 more`; a finding about the sheet as a whole has no row."""
    named = [str(row) for row in rows[:ROWS_NAMED] if row]
    if not named:
        return column or "the sheet"
    more = f" and {len(rows) - len(named)} more" if len(rows) > len(named) else ""
    text = f"{'row' if len(rows) == 1 else 'rows'} {', '.join(named)}{more}"
    return f"{column}, {text}" if column else text
