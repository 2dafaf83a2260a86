"""The command line: every command is a few lines over the Python API of the same name."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

import fivestep
from fivestep.cli.completion import completion
from fivestep.cli.frame import Call, InOrder, RunNumber, call, common, config_on_stdin, job_settings
from fivestep.cli.history import history
from fivestep.cli.ledger import ledger
from fivestep.cli.process import process
from fivestep.cli.progress import progress_shown
from fivestep.cli.schema import schema
from fivestep.version import VERSION

if TYPE_CHECKING:
    from fivestep.cli.listing import Section
    from fivestep.config.settings.model import Settings
    from fivestep.connectors.ledger import Job
    from fivestep.jobs.running.reports import RunReport


def main() -> None:
    """Run the command line of this process, and exit."""
    sys.exit(call(commands, sys.argv[1:]))


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, message="fivestep %(version)s")
def commands() -> None:
    """Keeps a sales pipeline in a spreadsheet honest and moving.

    It checks every deal against your sales process, finds what has stalled, puts follow-up drafts where you
    can send them, and writes status and next step back into the sheet.
    """


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="fivestep-demo", metavar="[DIR]")
@common(config=False)
def demo(call: Call, folder: Path) -> int:
    """A sample pipeline, and the whole job on it."""
    from fivestep.cli import demo as cli_demo

    settings = fivestep.demo(folder, call.as_of)
    with progress_shown() as progress:
        report = fivestep.run(settings, call.as_of, progress=progress)
    call.answer(lambda: {"folder": str(folder), **_document(settings, report)}, lambda: cli_demo.tour(folder, report))
    return int(report.partly)


@commands.command()
@click.argument("sheet")
@click.option("--tab", help="Which tab of the workbook (default: the one that looks like a pipeline).")
@click.option("--stage", metavar="HEADER", help="The header of the column that holds the stage.")
@click.option("--map", "words", metavar="WORD=STAGE", multiple=True,
              help="Which stage a word of the sheet means, such as Open=Pitch; may be given again.")  # fmt: skip
@common(config=False, as_of=False)
def init(call: Call, sheet: str, tab: str | None, stage: str | None, words: tuple[str, ...]) -> int:
    """Proposes the settings for a sheet and writes fivestep.toml; on a terminal it asks what is unclear."""
    from fivestep.cli import init as cli_init

    stages = cli_init.stages_of(words)
    asks = sys.stdin.isatty() and not call.as_json
    ask, ask_column = (cli_init.ask_stage, cli_init.ask_column) if asks else (None, None)
    proposed = fivestep.init(sheet, Path(), tab, stage=stage, stages=stages, ask=ask, ask_column=ask_column)
    call.answer(lambda: cli_init.init_document(proposed), lambda: cli_init.init_sections(proposed))
    return 0


@commands.command()
@common()
def check(call: Call) -> int:
    """The findings only; ends with 1 where one of them is an error."""
    settings, report = _planned(call)
    call.answer(lambda: _document(settings, report), lambda: _check_sections(call, report))
    return int(any(problem.severity == "error" for problem in report.plan.problems))


@commands.command()
@common()
def plan(call: Call) -> int:
    """What a run would write and draft; nothing is touched."""
    settings, report = _planned(call)
    call.answer(lambda: _document(settings, report), lambda: _plan_sections(call, report))
    return 0


@commands.command()
@click.option("--job", type=click.Choice(["sync", "follow_up"]), default="follow_up", show_default=True,
              help="`sync` writes the cells and makes no drafts.")  # fmt: skip
@click.option("--allow-empty", is_flag=True, help="Go on though the sheet has no deals any more.")
@click.option("--allow-stage-changes", is_flag=True, help="Go on though unusually many deals changed their stage.")
@click.option("--allow-new-ledger", is_flag=True, help="Go on though the ledger knows nothing of the rows' IDs.")
@click.option("--take-over", is_flag=True, help="Write over texts in the tool's columns that it did not write.")
@click.option("--wait", type=click.FloatRange(min=0), default=0, metavar="MINUTES",
              help="How long to wait while another run of this pipeline is under way.")  # fmt: skip
@config_on_stdin
@common()
def run(call: Call, job: Job, config_on_stdin: bool, wait: float, **switches: bool) -> int:
    """Does what `plan` shows: drafts the follow-ups, writes the cells."""
    allowed = [name.removeprefix("allow_").replace("_", "-") for name, given in switches.items() if given]
    settings = job_settings(call, on_stdin=config_on_stdin)
    with progress_shown() as progress:
        report = fivestep.run(settings, call.as_of, allowed, progress, job, wait)
    call.answer(lambda: _document(settings, report), lambda: _plan_sections(call, report))
    return int(report.partly)


@commands.command()
@click.argument("run", type=RunNumber(), required=False)
@common(as_of=False)
def undo(call: Call, run: int | None) -> int:
    """Puts back the cells that a run changed (default: the last one)."""
    from fivestep.cli import listing
    from fivestep.connectors.system import stopping
    from fivestep.jobs.showing.json_document import of_undo

    stopping.heed_signals()
    settings = fivestep.load_settings(call.config)
    report = fivestep.undo(settings, run)
    cells, done = listing.cells(report.changes, report.results, everything=call.verbose), listing.undone(report)
    call.answer(
        lambda: of_undo(settings.pipeline.name, report),
        lambda: [*([] if report.removed else [cells]), done],
    )
    return int(report.partly)


commands.add_command(history)


@commands.command()
@common()
def backtest(call: Call) -> int:
    """How right the limits would have been: the past, replayed week by week."""
    from fivestep.cli import backtest as cli_backtest
    from fivestep.jobs.showing.backtest_document import of_backtest

    found = fivestep.backtest(fivestep.load_settings(call.config), call.as_of)
    call.answer(lambda: of_backtest(found), lambda: cli_backtest.sections(found))
    return 0


@commands.command()
@click.option("--output", type=click.Path(path_type=Path), default="report.html", show_default=True, metavar="FILE",
              help="Where to write it.")  # fmt: skip
@common()
def report(call: Call, output: Path) -> int:
    """Funnel, ageing, what has stalled, per owner: one HTML file."""
    from fivestep.cli.listing import Section
    from fivestep.jobs.report import save

    settings = fivestep.load_settings(call.config)
    save(fivestep.report(settings, call.as_of), output)
    call.answer(lambda: {"report": str(output)}, lambda: [Section(f"Written: {output}")])
    return 0


@commands.command()
@click.option("--print", "only_print", is_flag=True, help="Show the mails, and draft nothing.")
@click.option("--wait", type=click.FloatRange(min=0), default=0, metavar="MINUTES",
              help="How long to wait while another run of this pipeline is under way.")  # fmt: skip
@config_on_stdin
@common()
def digest(call: Call, only_print: bool, config_on_stdin: bool, wait: float) -> int:
    """Drafts to each owner and to the lead what their week looks like, once a week."""
    from fivestep.cli import listing
    from fivestep.jobs.showing.json_document import of_digest

    settings = job_settings(call, on_stdin=config_on_stdin)
    with progress_shown() as progress:
        report = fivestep.digest(settings, call.as_of, progress, draft=not only_print, wait=wait)
    call.answer(lambda: of_digest(report, settings.drafts.to), lambda: listing.digest_sections(report))
    return int(report.partly)


@commands.command()
@click.argument("configs", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[CONFIG]...")
@click.option("--at-once", type=click.IntRange(min=1), default=4, show_default=True,
              help="How many jobs run at the same time.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), help="Answer /healthz, /readyz and /metrics there.")
@click.option("--host", default="127.0.0.1", show_default=True, help="At which of this machine's addresses.")
@click.option("--queue", "queued", is_flag=True, help="Leave the jobs to `fivestep worker` on any number of machines.")
@common(config=False, as_of=False)
def serve(call: Call, configs: Sequence[Path], at_once: int, port: int | None, host: str, *, queued: bool) -> int:
    """Runs the jobs on their schedule, until it is ended."""
    from fivestep.cli import serve as cli_serve

    address = None if port is None else (host, port)
    done = cli_serve.keep_serving(configs, at_once, address, queued=queued, as_json=call.log_json, verbose=call.verbose)
    call.answer(lambda: {"occasions": dict(done)}, lambda: cli_serve.serve_sections(done))
    return 0


@commands.command()
@click.argument("configs", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[CONFIG]...")
@click.option("--at-once", type=click.IntRange(min=1), default=1, show_default=True,
              help="How many jobs run at the same time.")  # fmt: skip
@common(config=False, as_of=False)
def worker(call: Call, configs: Sequence[Path], at_once: int) -> int:
    """Carries out what `serve --queue` finds due, on any number of machines."""
    import logging

    from fivestep import logs
    from fivestep.cli.listing import Section

    logs.set_up(logging.DEBUG if call.verbose else logging.INFO, as_json=call.log_json)
    fivestep.work(configs, at_once)
    call.answer(lambda: {"stopped": True}, lambda: [Section("Stopped.")])
    return 0


@commands.command()
@click.argument("configs", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[CONFIG]...")
@click.option("--count", type=click.IntRange(min=1, max=1000), default=3, show_default=True,
              help="How many runs of each job.")  # fmt: skip
@click.option("--for", "scheduler", type=click.Choice(["cron", "systemd", "kubernetes", "github"]),
              help="Instead, what that scheduler needs to run the jobs.")  # fmt: skip
@common(config=False, as_of=False)
def schedule(call: Call, configs: Sequence[Path], count: int, scheduler: str | None) -> int:
    """When the jobs run next; or the same for another clock than `serve`."""
    from fivestep.cli import serve as cli_serve

    if scheduler is not None:
        files = fivestep.schedule_for(scheduler, configs)
        cli_serve.print_files(files, as_json=call.as_json)
    else:
        planned = fivestep.schedule(configs, count)
        call.answer(lambda: cli_serve.schedule_document(planned), lambda: cli_serve.schedule_sections(planned))
    return 0


@commands.command()
@click.option("--for", "person", metavar="ADDRESS", default="", help="One owner's login, for drafts in their mailbox.")
@click.option("--no-browser", is_flag=True, help="The browser is on another machine: paste what it shows.")
@common(as_of=False)
def login(call: Call, person: str, no_browser: bool) -> int:
    """Google, once, in a browser."""
    from fivestep.cli import login as cli_login

    settings = cli_login.settings(call.config)
    ask = cli_login.ask if no_browser else None
    report = fivestep.log_in(settings, person, tell=cli_login.tell_page(elsewhere=no_browser), ask=ask)
    call.answer(lambda: cli_login.login_document(report), lambda: cli_login.login_sections(report))
    return 0


@commands.command()
@common(as_of=False)
def mcp(call: Call) -> int:
    """The same verbs for an assistant, over standard input and output; ends when it hangs up."""
    fivestep.mcp(fivestep.load_settings(call.config))
    return 0


@commands.command()
@common(as_of=False)
def doctor(call: Call) -> int:
    """Tries everything a run needs and says what to mend."""
    from fivestep.cli import listing
    from fivestep.errors import SettingsError
    from fivestep.jobs.doctor import of_fault

    try:
        checks = fivestep.doctor(fivestep.load_settings(call.config))
    except SettingsError as fault:
        checks = of_fault("settings", fault)
    call.answer(lambda: {"checks": [check._asdict() for check in checks]}, lambda: [listing.checks(checks)])
    return int(any(check.ok is False for check in checks))


commands.add_command(process)
commands.add_command(schema)
commands.add_command(completion)
commands.add_command(ledger)


def _planned(call: Call) -> tuple[Settings, RunReport]:
    from fivestep.jobs.running.reports import RunReport

    settings = fivestep.load_settings(call.config)
    with progress_shown() as progress:
        plan = fivestep.plan(settings, call.as_of, progress)
        return settings, RunReport(plan, notices=plan.notices)


def _document(settings: Settings, report: RunReport) -> dict[str, object]:
    from fivestep.jobs.showing.json_document import of_report

    return of_report(report, settings.drafts.to)


def _check_sections(call: Call, report: RunReport) -> Iterator[Section]:
    from fivestep.cli import listing

    yield listing.problems(report.plan.problems, everything=call.verbose)
    yield listing.Section(listing.summary(report.plan), after="\n".join([*report.notices, *listing.stops(report.plan)]))


def _plan_sections(call: Call, report: RunReport) -> Iterator[Section]:
    from fivestep.cli import listing

    yield listing.deal_section(report.plan, everything=call.verbose)
    yield listing.problems(report.plan.problems, everything=call.verbose)
    yield listing.draft_section(report)
    if report.plan.new_leads:
        yield listing.new_leads(report.plan)
    yield listing.change_section(report.plan, report.changes, everything=call.verbose)
    yield listing.closing(report)
