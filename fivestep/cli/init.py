"""What `fivestep init` asks and says: what it found, and what to look at before the first run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from fivestep.cli.listing import Row, Section
from fivestep.process.wording.show import money, plural

if TYPE_CHECKING:
    from fivestep.jobs.init import InitReport
    from fivestep.jobs.proposing.first_look import FirstLook
    from fivestep.jobs.proposing.stage_words import UnknownStage

_OPEN = "-"
"""The answer that leaves a word open."""


def stages_of(words: Iterable[str]) -> dict[str, str]:
    """The stages of the words that `--map` was given: `Open=Pitch`.

    The last equals sign divides; before it may stand nothing, for a blank stage.
    """
    pairs = [word.rpartition("=") for word in words]
    if wrong := next((pair for pair in pairs if not pair[1] or not pair[2].strip()), None):
        raise click.BadParameter(f'{"".join(wrong)!r} is no WORD=STAGE, such as --map "Open=Pitch"', param_hint="--map")
    return {word.strip(): stage.strip() for word, _, stage in pairs}


def ask_stage(unknown: UnknownStage, stages: Sequence[str]) -> str | None:
    """The stage that a person chooses for a word, by its number or its name; None for none."""
    what = f'"{unknown.word}"' if unknown.word else "No stage"
    question = f"{what}, {plural(unknown.deals, 'deal')}: which stage?"
    return _ask(question, stages, unknown.suggestion, "not now")


def ask_column(headers: Sequence[str], likeliest: str) -> str | None:
    """The stage's header that a person chooses, by its number or its text; None for none."""
    return _ask("Which column says how far each deal is, its stage?", headers, likeliest, "none of them")


def _ask(question: str, options: Sequence[str], likeliest: str, none: str) -> str | None:
    numbered = "  ".join(f"{number} {option}" for number, option in enumerate(options, 1))
    click.echo(f"{question}  {numbered}  {_OPEN} {none}", err=True)
    while True:
        answer = str(click.prompt("Answer", default=likeliest or _OPEN, err=True)).strip()
        if answer == _OPEN:
            return None
        chosen = _chosen(answer, options)
        if chosen is not None:
            return chosen
        click.echo(f"{answer!r} is none of them: a number from 1 to {len(options)}, a name, or {_OPEN}", err=True)


def _chosen(answer: str, options: Sequence[str]) -> str | None:
    """The option of this number, of this name, or the only one that begins so."""
    if answer.isdecimal() and 0 < int(answer) <= len(options):
        return options[int(answer) - 1]
    begun = answer.casefold()
    named = [option for option in options if option.casefold() == begun]
    beginning = [option for option in options if option.casefold().startswith(begun)]
    return next(iter(named), beginning[0] if begun and len(beginning) == 1 else None)


def init_sections(report: InitReport) -> Iterator[Section]:
    """The mapping and what it is unsure of, what was read with it, and the next command."""
    found = report.proposal
    where = f"{report.origin.sheet}, tab {found.tab}" if report.origin.tab else report.origin.sheet
    yield Section(
        f"{where}: the headers are in row {found.header_row}",
        ("Header in the sheet", "Field", "", "Unsure because"),
        [
            *(
                Row((c.header, c.field, "unsure" if c.doubt else "sure", c.doubt), _style(c.doubt))
                for c in found.columns
            ),
            *(Row((c.header, c.field, "not taken", c.doubt), "warning") for c in found.passed_over),
            *(Row((header, f"when {stage} began", "sure", ""), "done") for header, stage in found.history.items()),
            *(Row((header, "", "left out", ""), "info") for header in found.left_out),
        ],
    )
    yield _read(report.look)
    if found.unknown:
        yield Section(
            "Stages that the process does not know",
            ("In the sheet", "Deals", "Perhaps"),
            [
                Row((one.word or "(blank)", str(one.deals), one.suggestion or "which is it?"), "warning")
                for one in found.unknown
            ],
            "Say under [stages] in the settings what each means: until then a run says of these deals `Unknown stage`.",
        )
    yield Section(f"Written: {report.file}", after="\n".join(_closing(report)))


def _read(look: FirstLook) -> Section:
    """What was read: how much, the first deals, and from when to when each column of days goes."""
    said = [plural(look.deals, "deal")]
    if look.totals:
        said.append(f"{money(look.totals)} in all")
    days = [
        f"{field} {span.first}" + (f" to {span.last}" if span.last != span.first else "")
        for field, span in look.spans.items()
    ]
    headers = tuple(look.rows[0]) if look.rows else ()
    rows = [Row(tuple(row.values())) for row in look.rows]
    return Section(f"Read: {', '.join(said)}", headers, rows, after=" · ".join(days))


def _closing(report: InitReport) -> Iterator[str]:
    own = ", ".join(header for header in report.proposal.write_back.values() if header)
    for word, like in report.proposal.unused.items():
        yield f'No deal is in "{word}"' + (f': did you mean "{like}"?' if like else ", as far as the sheet goes today.")
    if others := report.proposal.other_tabs:
        one = len(others) == 1
        tabs = f"The tab {others[0]} holds" if one else f"The tabs {', '.join(others)} hold"
        yield f"{tabs} open deals as well, and {'is' if one else 'are'} left out: --tab NAME takes another tab."
    yield f"A run adds its own columns at the right of the sheet: {own}."
    for lack in report.lacks:
        yield f"Still to do: {lack.consequence}; {lack.fix}."
    yield "The mail texts are in English; for your own, name a folder as texts under [drafts] (docs/texts.md)."
    yield "Read the file through (what is unsure stands there as a comment), then: fivestep doctor, fivestep plan"


def init_document(report: InitReport) -> dict[str, object]:
    """The same as JSON."""
    found, look = report.proposal, report.look
    return {
        "file": str(report.file),
        "sheet": report.origin.sheet,
        "tab": found.tab,
        "other_tabs": list(found.other_tabs),
        "header_row": found.header_row,
        "columns": [column._asdict() for column in found.columns],
        "not_taken": [column._asdict() for column in found.passed_over],
        "left_out": list(found.left_out),
        "stages": dict(found.stages),
        "unknown_stages": {one.word: one.suggestion for one in found.unknown},
        "unknown_stage_deals": {one.word: one.deals for one in found.unknown},
        "read": {
            "deals": look.deals,
            "totals": dict(look.totals),
            "dates": {field: {"from": str(span.first), "to": str(span.last)} for field, span in look.spans.items()},
            "rows": [dict(row) for row in look.rows],
        },
        "history": dict(found.history),
        "unused_words": dict(found.unused),
        "write_back": dict(found.write_back),
        "still_to_do": [lack._asdict() for lack in report.lacks],
    }


def _style(doubt: str) -> str:
    return "warning" if doubt else "done"
