"""Keeps a sales pipeline in a spreadsheet honest and moving.

The same few verbs as the command line:

    import fivestep

    settings = fivestep.load_settings("fivestep.toml")
    plan = fivestep.plan(settings)
    report = fivestep.run(settings)

Every expected fault is a `fivestep.errors.FivestepError`. What is heavy is imported when it is called for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fivestep.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    import threading

    from fivestep.config.settings.model import Settings
    from fivestep.connectors.check import Check
    from fivestep.connectors.database.copy_ledger import Copied
    from fivestep.connectors.ledger import DealStory, Job, RunRecord
    from fivestep.connectors.login import LoginReport
    from fivestep.jobs.init import AskColumn, AskStage, InitReport
    from fivestep.jobs.new_process import NewProcess
    from fivestep.jobs.running.reports import BacktestReport, DigestReport, ImportReport, RunReport, UndoReport
    from fivestep.jobs.schedule import PlannedJob
    from fivestep.jobs.scheduling.exports import File
    from fivestep.jobs.showing.editor_schema import Described
    from fivestep.process.model.plan import Plan

__all__ = [
    "__version__", "backtest", "check", "copy_ledger", "demo", "digest", "doctor", "history", "import_history", "init",
    "load_settings", "log_in", "mcp", "new_process", "plan", "report", "run", "schedule", "schedule_for", "schema",
    "serve", "story", "undo", "work",
]  # fmt: skip


def load_settings(path: str | Path | None = None, text: str | None = None) -> Settings:
    """The settings in a file, by default in `fivestep.toml` here, with the environment's over them.

    `text`: what the file is taken to say, whatever it says now.
    """
    import os

    from fivestep.config.settings.load import load_settings as load

    return load(None if path is None else Path(path), os.environ, text)


def plan(settings: Settings, as_of: dt.date | None = None, progress: Callable[[str], None] | None = None) -> Plan:
    """What a run would write and draft on a day, by default today. Changes nothing.

    `progress` is told what is being done, as it begins; so below.
    """
    from fivestep.jobs.running.pipeline import open_pipeline, today
    from fivestep.jobs.running.planning import make_plan

    with open_pipeline(settings, progress) as pipeline:
        return make_plan(pipeline, as_of or today(settings), without_mailbox=True).plan


def check(settings: Settings, as_of: dt.date | None = None, progress: Callable[[str], None] | None = None) -> Plan:
    """The same plan, for whom only its `problems` are of interest."""
    return plan(settings, as_of, progress)


def run(
    settings: Settings,
    as_of: dt.date | None = None,
    allow: Collection[str] = (),
    progress: Callable[[str], None] | None = None,
    job: Job = "follow_up",
    wait: float = 0,
) -> RunReport:
    """Make the plan and carry it out.

    - `settings`, `as_of`: the pipeline's settings, and the day; None for today.
    - `allow`: lets brakes through: `empty`, `stage-changes`, `new-ledger`; and `take-over` writes over filled cells in
      the tool's columns that the ledger knows nothing of.
    - `progress`: is told each step, as a sentence.
    - `job`: `sync` writes its cells only, and leaves the drafts to a `follow_up`.
    - `wait`: how many minutes to wait while another run of this pipeline is under way.
    """
    from fivestep.jobs.run import run as carry_out
    from fivestep.jobs.running.attempt import opened
    from fivestep.jobs.running.pipeline import today
    from fivestep.jobs.scheduling.when_free import when_free

    def once() -> RunReport:
        with opened(settings, job, progress) as pipeline:
            return carry_out(pipeline, as_of or today(settings), allow, job)

    return when_free(once, wait)


def serve(
    places: Sequence[str | Path] = (),
    at_once: int = 4,
    stop: threading.Event | None = None,
    address: tuple[str, int] | None = None,
    *,
    queued: bool = False,
) -> Mapping[str, int]:
    """Run the jobs of the pipelines whose settings lie in these files and folders, until `stop` is set.

    - `places`: those files and folders.
    - `at_once`: how many jobs may run at the same time.
    - `stop`: ends it; without one it goes on for as long as its process.
    - `address`: a host and a port, at which `/healthz`, `/readyz` and `/metrics` are answered.
    - `queued`: the jobs are left to `work`, on any number of machines.

    Returns what became of the occasions on which a job was due.
    """
    import os
    import threading

    from fivestep.jobs.scheduling.settings_files import places_named
    from fivestep.jobs.scheduling.status_pages import Address
    from fivestep.jobs.serve import serve as keep_running

    where = Address(*address) if address else None
    return keep_running(places_named(places, os.environ), at_once, stop or threading.Event(), where, queued=queued)


def schedule(places: Sequence[str | Path] = (), count: int = 3) -> list[PlannedJob]:
    """The jobs of the pipelines whose settings lie in these files and folders, with their next runs."""
    import os

    from fivestep.jobs.schedule import schedule as look_ahead
    from fivestep.jobs.schedule import settings_in
    from fivestep.jobs.scheduling.settings_files import places_named

    return look_ahead(settings_in(places_named(places, os.environ)), dt.datetime.now(dt.UTC), count)


def schedule_for(scheduler: str, places: Sequence[str | Path] = ()) -> list[File]:
    """What `cron`, `systemd`, `kubernetes` or `github` needs to run those jobs."""
    import os

    from fivestep.jobs.schedule import settings_in
    from fivestep.jobs.scheduling.exports import files_for
    from fivestep.jobs.scheduling.settings_files import places_named

    return files_for(scheduler, settings_in(places_named(places, os.environ)))


def undo(settings: Settings, run: int | None = None) -> UndoReport:
    """Put back the cells that a run changed, by default the latest one that is not undone."""
    from fivestep.jobs.running.pipeline import open_pipeline, today
    from fivestep.jobs.undo import undo as put_back

    with open_pipeline(settings) as pipeline:
        return put_back(pipeline, today(settings), run)


def history(settings: Settings, limit: int = 20) -> list[RunRecord]:
    """The latest runs, newest first."""
    from fivestep.jobs.running.pipeline import open_pipeline

    with open_pipeline(settings) as pipeline:
        return pipeline.ledger.runs(pipeline.name, limit)


def import_history(settings: Settings, file: str) -> ImportReport:
    """Take what a file tells of the past into the ledger: which deal came into which stage, and when.

    The file is a table or an export of another system, see `docs/history.md`, and is taken whole or not at all; what
    was imported before is not added again.
    """
    from fivestep.jobs.history import import_past
    from fivestep.jobs.running.attempt import opened
    from fivestep.jobs.running.pipeline import today

    with opened(settings, "import") as pipeline:
        return import_past(pipeline, file, today(settings))


def backtest(settings: Settings, as_of: dt.date | None = None) -> BacktestReport:
    """How right the limits would have been by a day, by default today; changes nothing.

    On each day of the replay only what was known then has been learned.
    """
    from fivestep.jobs.backtest import backtest_of
    from fivestep.jobs.running.pipeline import open_pipeline, today

    with open_pipeline(settings) as pipeline:
        return backtest_of(pipeline, as_of or today(settings))


def story(settings: Settings, deal: str) -> DealStory:
    """Everything that is known about one deal, by its ID; `d-7` finds `D-7`, too.

    Raises SettingsError where it was never seen.
    """
    from fivestep.jobs.history import story_of
    from fivestep.jobs.running.pipeline import open_pipeline

    with open_pipeline(settings) as pipeline:
        return story_of(pipeline, deal)


def copy_ledger(source: str, target: str) -> Copied:
    """Copy all that one ledger knows to another, by their URLs; all of it or nothing."""
    from fivestep.connectors.database.copy_ledger import copy_ledger as copy

    return copy(source, target)


def report(settings: Settings, as_of: dt.date | None = None) -> str:
    """The funnel, ageing, what has stalled, and each owner's deals: one HTML page."""
    from fivestep.jobs.report import report_on
    from fivestep.jobs.running.pipeline import open_pipeline, today

    with open_pipeline(settings) as pipeline:
        return report_on(pipeline, as_of or today(settings))


def digest(
    settings: Settings,
    as_of: dt.date | None = None,
    progress: Callable[[str], None] | None = None,
    *,
    draft: bool = True,
    wait: float = 0,
) -> DigestReport:
    """Draft the digests of the week, each once: one to each owner, and one to the lead.

    - `settings`, `as_of`, `progress`, `wait`: as for `run`.
    - `draft`: without it nothing is drafted or written down, and `drafts` of the report hold the mails.
    """
    from fivestep.jobs.digest import draft_digests, plan_digests
    from fivestep.jobs.running.attempt import opened
    from fivestep.jobs.running.pipeline import open_pipeline, today
    from fivestep.jobs.scheduling.when_free import when_free

    day = as_of or today(settings)

    def once() -> DigestReport:
        with opened(settings, "digest", progress) as pipeline:
            return draft_digests(pipeline, day)

    if draft:
        return when_free(once, wait)
    with open_pipeline(settings, progress) as pipeline:
        return plan_digests(pipeline, day)


def init(
    sheet: str,
    folder: Path,
    tab: str | None = None,
    *,
    stage: str | None = None,
    stages: Mapping[str, str] | None = None,
    ask: AskStage | None = None,
    ask_column: AskColumn | None = None,
) -> InitReport:
    """Read a sheet's headers, propose the settings, and write them to `fivestep.toml` in the folder.

    - `sheet`, `folder`, `tab`: the sheet's path or address, where the settings are written, and the tab's title; None
      for the tab that looks most like a pipeline.
    - `stage`: the header of the stage's column; None where it is to be guessed.
    - `stages`: which stage a word of the sheet's means.
    - `ask`: is asked about each other word that nobody knows.
    - `ask_column`: is asked for the stage's header where several columns could be it, or none.
    """
    import os

    from fivestep.jobs.init import init as propose

    return propose(sheet, folder, tab, os.environ, stage=stage, stages=stages or {}, ask=ask, ask_column=ask_column)


def new_process(settings: Settings) -> NewProcess:
    """The built-in sales process, written beside the settings for the team to change.

    The file is the one under `[process] file`, else `process.toml`; one that is there already is left alone.
    """
    from fivestep.jobs.new_process import write_process

    return write_process(settings)


def schema(of: Described) -> dict[str, Any]:
    """The JSON Schema by which editors complete and check the `settings` file, or a `process` file."""
    from fivestep.jobs.showing.editor_schema import schema_for

    return schema_for(of)


def log_in(
    settings: Settings,
    person: str = "",
    *,
    tell: Callable[[str], None],
    ask: Callable[[str], str] | None = None,
) -> LoginReport:
    """Log in at Google and store the login, the team's or one person's.

    `tell` is given the address to open, which the browser here is asked to do as well. With `ask` no browser is needed
    here: it is asked for the address at which another one came out.
    """
    from fivestep.jobs.login import log_in as work

    return work(settings, person, tell=tell, ask=ask)


def demo(folder: Path, as_of: dt.date | None = None) -> Settings:
    """Write the sample pipeline and its settings into a folder, and return the settings."""
    from fivestep.jobs.demo import demo as write_sample

    return write_sample(folder, as_of)


def doctor(settings: Settings) -> list[Check]:
    """Try everything that a run needs."""
    from fivestep.jobs.doctor import doctor as examine

    return examine(settings)


def work(places: Sequence[str | Path] = (), at_once: int = 1) -> None:
    """Carry out what a queued `serve` finds due for the pipelines of these files and folders.

    Until SIGTERM or SIGINT; in the main thread. At most `at_once` jobs run at the same time.
    """
    import os

    from fivestep.jobs.scheduling.settings_files import places_named
    from fivestep.jobs.worker import work as keep_working

    keep_working(places_named(places, os.environ), at_once)


def mcp(settings: Settings) -> None:
    """Let an assistant ask about this pipeline, over standard input and output, until those are closed.

    It is the Model Context Protocol; needs the extra `mcp`. A run can be asked for only where `[mcp] run` says so.
    """
    from fivestep.mcp_server.server import make_server

    make_server(settings).run("stdio")
