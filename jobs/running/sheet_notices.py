"""Notices about the sheet as it was read: rows that are no deals, cells that can't be written."""

from __future__ import annotations

from collections.abc import Sequence

from fivestep.process.evaluate import Book
from fivestep.process.live_edits.widen import widened
from fivestep.process.model.plan import Plan
from fivestep.process.model.table import column_letters, shown
from fivestep.process.reading.no_deals import LeftOut
from fivestep.process.wording import show

_NAMED = 5
_QUOTED = 40


def of_the_sheet(book: Book, plan: Plan) -> list[str]:
    """One notice of each kind, where there is something to say."""
    return [
        *_left_out(book.parsed.left_out),
        *_covered(book, plan),
        *outside_frames(book, plan),
        *_amounts_in_common(book),
    ]


def _left_out(rows: Sequence[LeftOut]) -> list[str]:
    if not rows:
        return []
    if len(rows) == 1:
        what, why = f"Row {rows[0].row} is left out", f"it says hardly more than {_quoted(rows[0])}"
    else:
        what = f"Rows {_listed([str(aside.row) for aside in rows])} are left out"
        says = list(dict.fromkeys(_quoted(aside) for aside in rows))
        why = f"they say hardly more than {_listed(says)}"
    return [f"{what}: {why}. A row that is a deal needs a name and a stage"]


def _covered(book: Book, plan: Plan) -> list[str]:
    """The cells that the plan would fill, and that are merged with others."""
    tools, table = {**book.layout.tools}, book.table
    cells = [
        f"{column_letters(index)}{change.row}"
        for change in (plan.changes if table.merged else ())
        if (index := tools.get(change.column)) is not None and table.is_covered(change.row, index)
    ]
    if not cells:
        return []
    many = len(cells) > 1
    return [
        f"{'The cells' if many else 'The cell'} {_listed(cells)} {'are' if many else 'is'} merged with others, so "
        f"nothing is written there: unmerge {'them' if many else 'it'}"
    ]


def outside_frames(book: Book, plan: Plan) -> list[str]:
    """The tables and filters that can't be made to hold the tool's columns."""
    table, layout = book.table, book.layout
    anchor = layout.columns.get("stage")
    if not table.frames or anchor is None:
        return []
    end = max((at + 1 for row in table.rows for at, cell in enumerate(row) if shown(cell)), default=0)
    headers = [*layout.headers[:end], *[""] * (end - len(layout.headers)), *plan.new_columns]
    own = [*layout.tools.values(), *range(end, len(headers))]
    return [str(each) for each in widened(table.frames, layout.header_row, headers, anchor, own) if each.refusal]


def _amounts_in_common(book: Book) -> list[str]:
    """The merged amounts of several deals, each of which is said to be the whole."""
    index = book.layout.columns.get("amount")
    rows = {deal.row for deal in book.parsed.deals} if index is not None and book.table.merged else set[int]()
    blocks = [
        f"{column_letters(block.left)}{block.top}:{column_letters(block.left)}{block.bottom}"
        for block in (book.table.merged if rows else ())
        if block.left == index and len(rows.intersection(range(block.top, block.bottom + 1))) > 1
    ]
    if not blocks:
        return []
    return [
        f"{_listed(blocks)}: an amount that is merged over several deals counts for each of them, so the total is too "
        "high if it is one; unmerge it, and give each deal its share"
    ]


def _listed(items: Sequence[str]) -> str:
    """`2, 5 and 7`, and of many the first few."""
    if len(items) > _NAMED:
        return f"{', '.join(items[:_NAMED])} and {len(items) - _NAMED} more"
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]]))


def _quoted(aside: LeftOut) -> str:
    return show.in_quotes(show.one_line(aside.says), _QUOTED)
