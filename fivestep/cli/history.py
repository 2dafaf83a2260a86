"""`fivestep history`: the runs, one deal's story, and a past from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import fivestep
from fivestep.cli.frame import Call, InOrder, common

if TYPE_CHECKING:
    from fivestep.cli.listing import Section
    from fivestep.jobs.running.reports import ImportReport


@click.group(cls=InOrder, invoke_without_command=True)
@click.option("--deal", metavar="ID", help="The story of one deal instead of the runs.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many runs.")
@common(as_of=False)
def history(call: Call, deal: str | None, limit: int) -> int:
    """The latest runs, or one deal's history; with `import` a past from a file."""
    from fivestep.cli import listing
    from fivestep.jobs.showing import json_document

    if (command := click.get_current_context().invoked_subcommand) is not None:
        if call != Call() or deal is not None:
            raise click.UsageError(f"options stand behind the command: fivestep history {command} FILE --config …")
        return 0
    settings = fivestep.load_settings(call.config)
    name = settings.pipeline.name
    if deal is not None:
        story = fivestep.story(settings, deal)
        call.answer(lambda: json_document.of_story(name, story), lambda: [listing.story_section(story)])
    else:
        runs = fivestep.history(settings, limit)
        call.answer(lambda: json_document.of_runs(name, runs), lambda: [listing.run_section(runs, settings.zone)])
    return 0


@history.command("import")
@click.argument("file")
@common(as_of=False)
def import_history(call: Call, file: str) -> int:
    """Takes a past into the ledger: a table of deal, stage and day, or a CRM's export."""
    from fivestep.jobs.showing.json_document import of_import

    report = fivestep.import_history(fivestep.load_settings(call.config), file)
    call.answer(lambda: of_import(report), lambda: [_section(report)])
    return 0


def _section(report: ImportReport) -> Section:
    from fivestep.cli.listing import Section
    from fivestep.process.wording.show import plural

    span = f", {report.first} to {report.last}" if report.first else ""
    told = f"{plural(report.lines, 'line')} of {plural(report.deals, 'deal')}{span}: "
    told += f"{report.won} won, {report.lost} lost, {report.in_sheet} in the sheet"
    new = f"{plural(report.added, 'line')} new to the ledger (run {report.run}"
    done = f"{new}; fivestep undo {report.run} takes them out again)" if report.added else f"{new})"
    return Section(f"{report.file}: {told}", after="\n".join([*report.notices, done]))
