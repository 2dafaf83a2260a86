"""One pipeline, put together: its settings, and the connectors that they name."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from fivestep.config.settings.model import Settings
from fivestep.config.settings.public_holidays import public_holidays
from fivestep.config.vocabulary.names import load_names
from fivestep.config.vocabulary.words import load_words
from fivestep.connectors.ledger import Ledger
from fivestep.connectors.mailbox import Mailbox
from fivestep.connectors.registry import Logins, ledger_of, open_mailbox, open_sheet
from fivestep.connectors.sheet import FormattingSheet, Sheet
from fivestep.errors import BrakeError, FivestepError, Mistake, SettingsError
from fivestep.jobs.running.tab_seen import other_tab_first, tab_before
from fivestep.jobs.running.team_process import load_team_process, stage_date_columns
from fivestep.process.evaluate import Book
from fivestep.process.mails.merge_values import columns_displayed
from fivestep.process.model.calendar import Calendar
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.sales_process import Process
from fivestep.process.model.table import Table, shown
from fivestep.process.reading.cells import Reading
from fivestep.process.reading.layout import Layout, NoHeader, find_layout
from fivestep.process.reading.parse import parse
from fivestep.process.wording.show import one_line

_QUOTED = 6
"""Cells of a sheet's first row that a message shows."""

Telling = Callable[[str], None]
"""Is told what is being done, as it begins, such as `reading pipeline.xlsx`."""


def tell_nobody(_what: str) -> None:
    """Nothing comes of what is told."""


@dataclass(frozen=True)
class Pipeline:
    """The parts of one pipeline."""

    settings: Settings
    named_sheet: Sheet
    """The sheet as the settings name it."""
    mailbox: Mailbox
    ledger: Ledger
    logins: Logins | None = None
    """Those that the sheet and the mailbox use."""
    tell: Telling = tell_nobody
    """For people who wait for more than a moment."""

    @cached_property
    def sheet(self) -> Sheet:
        """The sheet, on the tab that earlier runs worked on where the settings name none."""
        if not self.other_tab_first:
            return self.named_sheet
        pipeline = self.settings.pipeline.model_copy(update={"tab": self._tab_before})
        return open_sheet(self.settings.model_copy(update={"pipeline": pipeline}), self.logins)

    @cached_property
    def other_tab_first(self) -> str:
        """A word on the tab that comes first by now, and is not the one of earlier runs; empty where it is."""
        if self._tab_before is None:
            return ""
        try:
            tabs = self.named_sheet.tabs()
        except FivestepError:
            # Whatever keeps the sheet from being read is told where it is read; `read_book` holds the tab against this.
            return ""
        return other_tab_first(self.settings, self._tab_before, tabs)

    @cached_property
    def _tab_before(self) -> str | None:
        return tab_before(self.settings, self.ledger)

    def check_tab(self, table: Table, ids: Collection[str], known: Collection[str]) -> None:
        """Raise BrakeError where this is another tab than that of earlier runs, and not the same one renamed.

        It is the same where at least half of its deals are known.
        """
        if self._tab_before in (None, table.title) or 2 * sum(deal in known for deal in ids) >= len(ids) > 0:
            return
        raise BrakeError(
            f"earlier runs worked on the tab {self._tab_before!r}; now {table.title!r} is read, with other deals. "
            f"Name the one that is meant as tab under [pipeline] in {self.settings.file}"
        )

    @property
    def calls(self) -> Mapping[str, int]:
        """How many calls have been made so far, as runs count them: `google calls`."""
        return self.logins.calls if self.logins else {}

    @property
    def name(self) -> str:
        """The name under which the ledger keeps it."""
        return self.settings.pipeline.name

    def mailbox_of(self, target: str) -> Mailbox:
        """The mailbox in which a draft was made: drafts stay there when the setting `to` changes."""
        if target == self.settings.drafts.to:
            return self.mailbox
        drafts = self.settings.drafts.model_copy(update={"to": target})
        return open_mailbox(self.settings.model_copy(update={"drafts": drafts}))


@contextmanager
def open_pipeline(settings: Settings, tell: Telling | None = None) -> Iterator[Pipeline]:
    """The pipeline that the settings describe; the ledger is closed at the end.

    `tell` hears what is being done with it; None: nobody does.
    """
    logins = Logins(settings)
    sheet, mailbox = open_sheet(settings, logins), open_mailbox(settings, logins)
    with ledger_of(settings) as ledger:
        yield Pipeline(settings, sheet, mailbox, ledger, logins, tell or tell_nobody)


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Switch the garbage collector off: with many new objects and no cycles it only costs time.

    What was made meanwhile counts as old afterwards; else the collector would go through all of it at once.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            _count_all_as_old()
            gc.enable()


def _count_all_as_old() -> None:
    frozen = gc.get_freeze_count()
    gc.freeze()
    if not frozen:
        gc.unfreeze()


def today(settings: Settings) -> dt.date:
    """The day it is where the team works."""
    return dt.datetime.now(settings.zone).date()


def read_book(pipeline: Pipeline, known: Collection[str], today: dt.date) -> tuple[Book, Process, Mapping[str, Text]]:
    """The sheet as deals, the process compiled for the columns that it has, and its texts.

    `known` holds the deals of earlier runs: a stage column that was there before is a brake, not a mistake.
    """
    settings = pipeline.settings
    table = pipeline.sheet.read()
    layout = layout_of(pipeline, table, known)
    process, texts = load_team_process(settings, layout.columns)
    columns = columns_displayed(texts.values(), table, layout, process.kinds)
    if columns and isinstance(pipeline.sheet, FormattingSheet):
        table = replace(table, displayed=pipeline.sheet.displayed(table, columns))
    book = Book(table, layout, parse(table, layout, process, reading_of(settings, today), settings.stages))
    pipeline.check_tab(table, [deal.id for deal in book.parsed.deals], known)
    return book, process, texts


def reading_of(settings: Settings, today: dt.date) -> Reading:
    """How cells are read on this day."""
    pipeline = settings.pipeline
    return Reading(load_words(), pipeline.date_order, pipeline.decimal, settings.zone, today)


def policy_of(settings: Settings, around: dt.date, *, take_over: bool = False, drafting: bool = True) -> Policy:
    """The settings as the domain needs them; holidays for the years that clocks look at."""
    own = settings.write_back
    code, years = settings.pipeline.holidays, range(around.year - 10, around.year + 3)
    holidays = public_holidays(code, years) if code else ()
    return Policy(
        pipeline=settings.pipeline.name,
        calendar=Calendar(settings.weekend, holidays),
        id_column=id_column(settings),
        own_id="id" not in settings.columns,
        status=own.status,
        next_step=own.next_step,
        follow_up=own.follow_up,
        sender=settings.drafts.sender,
        per_run=settings.drafts.per_run,
        per_day=settings.drafts.per_day,
        names=load_names(),
        max_stage_changes=settings.pipeline.max_stage_changes,
        take_over=take_over,
        blanks=load_words().blanks,
        drafting=drafting,
    )


def id_column(settings: Settings) -> str:
    """The header of the column with the IDs: the team's own, else the tool's."""
    return settings.columns.get("id", settings.write_back.id)


def tool_headers(settings: Settings) -> list[str]:
    """The headers of the tool's own columns."""
    own = settings.write_back
    return [header for header in (own.id, own.status, own.next_step, own.follow_up) if header]


def layout_of(pipeline: Pipeline, table: Table, known: Collection[str]) -> Layout:
    """Where the fields stand in the sheet; a stage column, and one for the team's own IDs, must be there."""
    settings = pipeline.settings
    columns = {**settings.columns, **stage_date_columns(settings), "id": id_column(settings)}
    try:
        layout = find_layout(table, columns, tool_headers(settings), settings.pipeline.header_row)
    except NoHeader as error:
        raise _lost(settings, "stage", _instead_of_headers(table, error), known) from error
    for field in ("stage", "id"):
        if field in layout.gone and field in settings.columns:
            raise _lost(settings, field, ", ".join(filter(None, layout.headers)), known)
    # A run can do without the days of past stages; `planning` says that they are gone.
    gone = {field: header for field, header in layout.gone.items() if field not in stage_date_columns(settings)}
    return replace(layout, gone=gone)


def _instead_of_headers(table: Table, fault: NoHeader) -> str:
    """What stands in the sheet where its headers are looked for."""
    rows = [[text for cell in row if (text := one_line(shown(cell)))] for row in table.rows[: fault.row]]
    if fault.row is not None:
        return f"{', '.join(rows[-1])} in row {fault.row}"
    first = next(filter(None, rows), None)
    return f"no row of headers; it begins with {', '.join(first[:_QUOTED])}" if first else "an empty sheet"


def _lost(settings: Settings, field: str, found: str, known: Collection[str]) -> Exception:
    """The fault for a column that nothing can be done without."""
    header = settings.columns.get(field, "")
    if known:
        return BrakeError(
            f"the sheet has lost its column {header!r} (found {found}). "
            f"Put it back, or name the right header as {field} under [columns] in {settings.file}"
        )
    return SettingsError([Mistake(settings.file, f"columns.{field}", found, f"the sheet has no column {header!r}")])
