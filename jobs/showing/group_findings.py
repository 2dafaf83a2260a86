"""Findings that read alike, taken together: forty rows without a budget are one line to a person."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fivestep.process.model.problem import Problem, Severity

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

ROWS_NAMED = 6
_WORDS_NAMED = 4


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
    """The findings, the worst first, and among equals the most frequent.

    All that one rule finds in one column share a line, with the words that the cells hold, and how often.
    """
    grouped: dict[tuple[Severity, str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        grouped[problem.severity, problem.column, problem.rule].append(problem)
    return sorted(
        map(_together, grouped.values()),
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


def _together(problems: Sequence[Problem]) -> Finding:
    first = problems[0]
    rows = sorted(problem.row for problem in problems)
    if len(problems) == 1:
        return Finding(first.severity, first.column, first.message, _fix(first), rows)
    messages = Counter(map(_without_place, problems))
    fixes = Counter(map(_fix, problems))
    return Finding(first.severity, first.column, _message(messages), fixes.most_common(1)[0][0], rows)


def _fix(problem: Problem) -> str:
    """What mends it, for whoever can change the settings as well."""
    return f"{problem.fix}, or {problem.or_settings}" if problem.or_settings else problem.fix


def _message(messages: Counter[str]) -> str:
    """One message for all: where they differ by the cell's own words only, these, each with its count."""
    if len(messages) == 1:
        return next(iter(messages))
    parted = {message: message.rpartition("' ") for message in messages}
    ends = {end for _, _, end in parted.values()}
    if len(ends) == 1 and all(word.startswith("'") for word, _, _ in parted.values()):
        words = Counter({f"{parted[message][0]}'": count for message, count in messages.items()})
        return f"{ends.pop()}: {_counted(words, ', ')}"
    return _counted(messages, "; ")


def _counted(texts: Counter[str], between: str) -> str:
    """`'Open' (503), 'New' (12) and 4 others`, the most frequent first."""
    named = [f"{text} ({count})" for text, count in texts.most_common(_WORDS_NAMED)]
    others = len(texts) - len(named)
    return between.join(named) + (f" and {others} {'other' if others == 1 else 'others'}" if others else "")


def _without_place(problem: Problem) -> str:
    """The message without the cell that it begins with, which is another in each row."""
    return re.sub(rf"^[A-Z]{{1,3}}{problem.row}:? ", "", problem.message)
