"""`init`: reads a sheet that nobody has described yet, and writes the settings that it proposes."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from fivestep.config.settings.home import at_home
from fivestep.config.settings.load import NAME, load_settings, provisional_settings
from fivestep.config.settings.model import Settings
from fivestep.config.vocabulary.words import load_words
from fivestep.connectors.plugins import named_connector
from fivestep.connectors.registry import SHEETS, login_kind_of_sheet, open_sheet
from fivestep.connectors.sheet import Sheet
from fivestep.connectors.system.files import write_new
from fivestep.errors import SettingsError
from fivestep.jobs.checks.draft_needs import Lack, lacking
from fivestep.jobs.proposing.first_look import FirstLook, first_look
from fivestep.jobs.proposing.proposal import NoHeaders, NoStage, Proposal, propose
from fivestep.jobs.proposing.settings_text import Origin, settings_text
from fivestep.jobs.proposing.stage_words import UnknownStage
from fivestep.jobs.running.pipeline import reading_of, today
from fivestep.jobs.running.team_process import load_team_process
from fivestep.jobs.showing.editor_schema import schema_line, write_schema
from fivestep.process.model.sales_process import Process
from fivestep.process.model.table import Table, shown
from fivestep.process.reading.layout import find_layout
from fivestep.process.reading.parse import parse
from fivestep.process.wording.spelling import did_you_mean

AskStage = Callable[[UnknownStage, Sequence[str]], str | None]
"""Asks a person which of these stages an unknown word means; None where they leave it open."""


AskColumn = Callable[[Sequence[str], str], str | None]
"""Asks a person which of these headers is the stage's, with the likeliest or nothing; None where they leave it open."""

_MOST_ASKED = 20
"""Words for stages that a person is asked about; with more of them it is another column, or nobody's patience."""


@dataclass(frozen=True)
class InitReport:
    """What was written, and why."""

    file: Path
    """The settings file."""
    origin: Origin
    proposal: Proposal
    look: FirstLook
    """What a reading with these settings gives."""

    @property
    def lacks(self) -> list[Lack]:
        """What drafts need and the proposal does not give."""
        fields = [column.field for column in self.proposal.columns]
        return lacking(fields, sender=self.origin.login.sender != "", reads_mail=self.origin.login.reads_mail)


def init(
    sheet: str,
    folder: Path,
    tab: str | None,
    environ: Mapping[str, str],
    *,
    stage: str | None = None,
    stages: Mapping[str, str] = MappingProxyType({}),
    ask: AskStage | None = None,
    ask_column: AskColumn | None = None,
) -> InitReport:
    """Propose the settings for a sheet, and write them to `fivestep.toml`, with a schema for editors.

    - `sheet`: its path or address, relative to the working directory.
    - `folder`: where the settings are written.
    - `tab`: the tab's title. Where neither it nor the sheet's address names one, the tab that looks most like a
      pipeline is taken.
    - `environ`: the environment's variables.
    - `stage`: the header of the stage's column; None where it is to be guessed.
    - `stages`: which stage a word of the sheet's means.
    - `ask`: is asked about each other word that nobody knows.
    - `ask_column`: is asked for the stage's header where several columns could be it, or none.

    Raises SettingsError where there is a settings file already, or no column looks like the stage.
    """
    file = folder / NAME
    if file.exists():
        raise SettingsError(f"{file} is there already, and stays as it is; rename or remove it first")
    settings = partial(_settings, sheet, environ)
    tables, named = _tables(sheet, tab, settings)
    if not any(shown(cell) for table in tables for row in table.rows for cell in row):
        raise SettingsError(f"{sheet} is empty: no cell in it holds anything")
    process, _ = load_team_process(settings(tab), ("stage",))
    own = {word: _stage_called(name, process) for word, name in stages.items()}
    if stage is None and ask_column is not None:
        stage = _stage_header(tables, process, own, ask_column)
    proposed = partial(_proposal, sheet, tables, process, stage, today(settings(tab)))
    proposal = proposed(own)
    if ask is not None and (answers := _answers(proposal, ask, list(process.stages))):
        proposal = proposed(own | answers)
    origin = _origin(sheet, folder, proposal.tab if named else None, settings(tab))
    text = f"{schema_line('settings')}\n{settings_text(origin, proposal, list(process.stages))}"
    look = _look(load_settings(file, environ, text), tables, proposal, process)
    write_new(file, text)
    write_schema("settings", folder)
    return InitReport(file, origin, proposal, look)


def _stage_header(
    tables: Sequence[Table], process: Process, own: Mapping[str, str], ask_column: AskColumn
) -> str | None:
    """The stage's header that a person chooses; None without a choice or an answer."""
    try:
        found = propose(tables, load_words(), process, None, own).stage_columns
    except NoStage as error:
        return ask_column(error.headers, "") if error.headers else None
    except NoHeaders:
        return None
    return ask_column(found, found[0]) if len(found) > 1 else None


def _proposal(
    sheet: str,
    tables: Sequence[Table],
    process: Process,
    stage: str | None,
    day: dt.date,
    own: Mapping[str, str],
) -> Proposal:
    """The settings that are proposed; raises SettingsError where none can be.

    - `sheet`, `tables`: the sheet's path or address, and its tabs.
    - `process`: the built-in process.
    - `day`: today.
    - `stage`, `own`: what a person has said of the stage's column, and of words for stages.
    - `day`: today, where the team works.
    """
    try:
        return propose(tables, load_words(), process, stage, own, day)
    except NoHeaders as error:
        raise SettingsError(
            f"{sheet} has no row of headers: where they should stand it says {error}. "
            "Put a row above the deals that says what each column holds, such as Deal, Company, E-mail, Stage"
        ) from error
    except NoStage as error:
        raise SettingsError(
            f"no column of {sheet} looks like the stage of a deal: {error}. "
            'Name the column "Stage" in the sheet\'s header row, or say which it is with --stage HEADER, and run this '
            "again. A .csv file whose letters are garbled wants saving as CSV UTF-8 first"
        ) from error


def _stage_called(name: str, process: Process) -> str:
    """The stage of this name, in whatever case it is written."""
    stage = {one.casefold(): one for one in process.stages}.get(name.strip().casefold())
    if stage is None:
        raise SettingsError(
            f"{name!r} is no stage of the process, which has {', '.join(process.stages)}"
            f"{did_you_mean(name, process.stages)}"
        )
    return stage


def _answers(proposal: Proposal, ask: AskStage, stages: Sequence[str]) -> dict[str, str]:
    asked = ((unknown.word, ask(unknown, stages)) for unknown in proposal.unknown[:_MOST_ASKED])
    return {word: stage for word, stage in asked if stage is not None}


def _look(settings: Settings, tables: Sequence[Table], proposal: Proposal, process: Process) -> FirstLook:
    table = next(table for table in tables if table.title == proposal.tab)
    layout = find_layout(table, settings.columns, list(proposal.write_back.values()), proposal.header_row)
    reading = reading_of(settings, today(settings))
    return first_look(parse(table, layout, process, reading, settings.stages).deals, list(layout.columns))


def _tables(sheet: str, tab: str | None, settings: Callable[[str | None], Settings]) -> tuple[list[Table], bool]:
    """The tabs that come into question, and whether the settings have to name the one that is taken."""
    login = login_kind_of_sheet(sheet)
    if not named_connector(sheet) and not login:
        _check_there(sheet)
    first = _opened(settings(tab))
    if tab is None and login and login.names_tab(sheet):
        return [first.read()], False  # the address says which
    tabs = first.tabs()
    if tab is not None or len(tabs) < 2:
        # A sole tab is named, too: another may come before it one day.
        return [first.read()], tab is not None or bool(tabs)
    return [_opened(settings(one)).read() for one in tabs], True


def _check_there(sheet: str) -> None:
    path = at_home(sheet)
    if path.is_dir():
        raise SettingsError(f"{sheet} is a folder; name the sheet in it, such as: fivestep init {path / 'sales.xlsx'}")
    if path.is_file() and not path.stat().st_size:
        raise SettingsError(f"{sheet} is empty: there is nothing in the file")
    if not path.exists() and path.suffix.lower() in SHEETS:
        raise SettingsError(f"there is no file {sheet}; name your sheet as it lies here, or with its folder")


def _opened(settings: Settings) -> Sheet:
    try:
        return open_sheet(settings)
    except SettingsError as fault:
        # There are no settings yet that the mistake could stand in.
        raise SettingsError("; ".join(f"{m.found} {m.expected}" for m in fault.mistakes) or str(fault)) from fault


def _settings(sheet: str, environ: Mapping[str, str], tab: str | None) -> Settings:
    pipeline = {"sheet": sheet} if tab is None else {"sheet": sheet, "tab": tab}
    return provisional_settings({"pipeline": pipeline}, Path.cwd(), environ)


def _origin(sheet: str, folder: Path, tab: str | None, settings: Settings) -> Origin:
    """What the settings say about the sheet, and how to log in to it."""
    login = login_kind_of_sheet(sheet)
    if login is None:
        name = _relative(sheet, folder)
        return Origin(Path(name).stem or sheet, name, tab, _timezone())
    suggested = login.suggested(settings)
    return Origin(open_sheet(settings).name, sheet, tab, _timezone(), suggested)


def _relative(sheet: str, folder: Path) -> str:
    """The sheet as the settings name it: relative to their folder where it lies in there."""
    if named_connector(sheet):
        return sheet
    path = at_home(sheet).absolute()
    try:
        return path.relative_to(folder.absolute()).as_posix()
    except ValueError:
        return str(path)


def _timezone() -> str:
    """The time zone of this machine, UTC where it has none with a name."""
    import tzlocal

    with warnings.catch_warnings():
        # It warns where the machine's settings contradict each other; the proposal can be changed.
        warnings.simplefilter("ignore")
        try:
            return tzlocal.get_localzone_name() or "UTC"
        except (LookupError, ValueError, OSError):
            return "UTC"
