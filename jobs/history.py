"""The past: one deal's story for who asks, and what the ledger did not see itself, from a file."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from fivestep.connectors.ledger import DealStory
from fivestep.errors import SettingsError
from fivestep.jobs.importing.match_deals import Matched, NamesOnly, match_deals
from fivestep.jobs.importing.past_columns import past_columns
from fivestep.jobs.importing.past_file import NoPast, PastFile, read_past
from fivestep.jobs.importing.past_table import read_past_table
from fivestep.jobs.learning.kept_fit import forget_fit
from fivestep.jobs.proposing.settings_text import quoted
from fivestep.jobs.running.attempt import recorded
from fivestep.jobs.running.pipeline import Pipeline, read_book, reading_of
from fivestep.jobs.running.reports import ImportReport
from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Process
from fivestep.process.reading.column_reader import Dialect
from fivestep.process.reading.stage_names import StageWords
from fivestep.process.wording.show import plural

_NAMED = 5
"""Rows at fault that a message lists."""

_BULK = 0.05
_FEWEST_IN_BULK = 10
"""So many deals, and such a share of all, that begin on one day are hardly a day's work."""


def story_of(pipeline: Pipeline, deal: str) -> DealStory:
    """Everything that is known about the deal with this ID; `d-7` finds `D-7`, too.

    Raises SettingsError where it was never seen.
    """
    found = pipeline.ledger.story(pipeline.name, deal) or pipeline.ledger.story(pipeline.name, deal.upper())
    if found is None:
        raise SettingsError(f"no run has seen a deal with the ID {deal!r}; `fivestep plan` shows the IDs")
    return found


def import_past(pipeline: Pipeline, file: str, today: dt.date) -> ImportReport:
    """Take the stage entries of a file into the ledger: all of them, or none where one can't be read.

    Raises SettingsError that says what to mend.
    """
    with pipeline.ledger.lock(pipeline.name), recorded(pipeline, "import", today) as attempt:
        book, process, _ = read_book(pipeline, pipeline.ledger.history(pipeline.name, today).seen, today)
        past = _read(pipeline, file, process, today)
        try:
            matched = match_deals(past, book.parsed.deals)
        except NamesOnly:
            raise SettingsError(
                f"the deals of {file} are in the sheet by their names, and have no IDs there yet: `fivestep run` gives "
                "them IDs; import this afterwards"
            ) from None
        lines = [line._replace(deal=matched.ids.get(line.deal, line.deal)) for line in past.lines]
        run = attempt.begin(plan=None, changes=())
        added = pipeline.ledger.import_lines(pipeline.name, run, lines)
        if added:
            forget_fit(pipeline.ledger, pipeline.name)
        attempt.finish({"imported": added}, partly=False)
        kinds = {stage.name: stage.kind for stage in process.stages.values()}
        ends = Counter(kinds[stage] for stage in {line.deal: line.stage for line in lines}.values())
        return ImportReport(
            pipeline=pipeline.name,
            run=run,
            file=file,
            lines=len(lines),
            added=added,
            deals=len({line.deal for line in lines}),
            in_sheet=len(matched.ids),
            won=ends["won"],
            lost=ends["lost"],
            first=min((line.on for line in lines), default=None),
            last=max((line.on for line in lines), default=None),
            notices=list(_notices(past, lines, matched)),
        )


def _read(pipeline: Pipeline, file: str, process: Process, today: dt.date) -> PastFile:
    """What the file tells, once all of it can be read."""
    settings = pipeline.settings
    table = read_past_table(settings, file)
    columns = past_columns(table, settings.history)
    dialect = Dialect(reading_of(settings, today), process, settings.stages)
    try:
        past = read_past(table, columns, dialect, today)
    except NoPast as fault:
        headers = ", ".join(filter(None, columns.headers)) or "nothing"
        raise SettingsError(f"{file} tells no past: {fault}. Its headers: {headers}") from None
    if past.unknown:
        raise SettingsError(_unknown(file, past, process, settings.stages, settings.file))
    if past.bad:
        more = f"; and {len(past.bad) - _NAMED} more" if len(past.bad) > _NAMED else ""
        raise SettingsError(f"{file}: {'; '.join(past.bad[:_NAMED])}{more}. Mend the file; nothing has been imported")
    return past


def _unknown(file: str, past: PastFile, process: Process, own: Mapping[str, str], settings_file: str) -> str:
    """What to write into the settings for words that nobody knows.

    - `file`, `past`: what was read, and what it tells.
    - `process`, `own`: what stages are called by the process, and by the settings.
    - `settings_file`: where the settings are.
    """
    known = StageWords(process, own)
    said = [
        f"{quoted(word)} = {quoted(known.suggestion(word) or '…')}  # {plural(count, 'time')}"
        for word, count in sorted(past.unknown.items(), key=lambda one: -one[1])
    ]
    what = f"{plural(len(said), 'word')} for stages in {file} that nobody knows; nothing has been imported"
    stages = ", ".join(process.stages)
    return "\n".join([f"{what}. Say in {settings_file} which stage each is ({stages}):", "", "[stages]", *said])


def _notices(past: PastFile, lines: Sequence[StageLine], matched: Matched) -> Iterator[str]:
    """What a person should know of what was imported."""
    deals = len({line.deal for line in lines})
    if matched.by_name:
        found = plural(len(matched.ids), "deal")
        yield f"No ID of the file is in the sheet: {found} of {deals} found there by name"
    elif deals and not matched.ids:
        yield "No deal of the file is in the sheet, by ID or by name: they teach, and date none of the sheet's deals"
    if past.left_out:
        deal = plural(past.left_out, "deal")
        yield f"{deal} of the file left out: no day tells when they came into the stage that they are in"
    begun = Counter({line.deal: line.on for line in reversed(lines)}.values())
    if bulk := [(day, count) for day, count in begun.items() if count >= max(_FEWEST_IN_BULK, _BULK * deals)]:
        said = ", ".join(f"{count} on {day}" for day, count in sorted(bulk))
        yield (
            f"Many of the {deals} deals begin on one day ({said}). If that is when they were put into another system, "
            "they are older than this tells"
        )
