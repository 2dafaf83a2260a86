"""A settings file for people: the proposal as TOML, every doubt beside the setting it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fivestep.connectors.login import Suggested
from fivestep.jobs.proposing.proposal import Proposal
from fivestep.jobs.proposing.stage_words import UnknownStage
from fivestep.process.wording.show import plural

_MOST_STAGES = 40
"""Unknown words for stages that the file lists."""


class Origin(NamedTuple):
    """Where the sheet is, as the settings say it."""

    name: str
    """What the pipeline is called."""
    sheet: str
    tab: str | None
    timezone: str
    login: Suggested = Suggested()
    """What goes with the login that reads it."""


def settings_text(origin: Origin, proposal: Proposal, stages: Sequence[str]) -> str:
    """The content of the settings file; `stages` are the names that the process has."""
    sections = [
        ["# Proposed by `fivestep init`. Change what does not fit; a line that begins with # is not in force."],
        _pipeline(origin, proposal),
        _columns(proposal),
        _stages(proposal, stages),
        *([_history(proposal)] if proposal.history else []),
        _drafts(origin.login),
        _write_back(proposal),
        *([_login(origin.login)] if origin.login.options else []),
    ]
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def quoted(text: str) -> str:
    """The text as TOML writes it, in one line."""
    # JSON's escapes are all TOML's as well; but TOML wants the delete character escaped, too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _pipeline(origin: Origin, proposal: Proposal) -> Iterator[str]:
    yield "[pipeline]"
    yield f"name = {quoted(origin.name)}"
    yield f"sheet = {quoted(origin.sheet)}"
    if origin.tab is not None:
        yield f"tab = {quoted(origin.tab)}"
    yield f"timezone = {quoted(origin.timezone)}"
    yield '# holidays = "GB-ENG"  # whose public holidays are free: a country, and its part where they depend on it'
    yield from _date_order(proposal)
    if proposal.decimal:
        yield f"decimal = {quoted(proposal.decimal)}"


def _date_order(proposal: Proposal) -> Iterator[str]:
    order, silent = proposal.dates
    where = ", ".join(map(quoted, silent))
    if order and silent:
        yield f"date_order = {quoted(order)}  # unsure: other columns say so, {where} can be read both ways"
    elif order:
        yield f"date_order = {quoted(order)}"
    elif silent:
        yield f'# date_order = "day-month"  # unsure: {where} can be read both ways, as day-month or month-day'


def _columns(proposal: Proposal) -> Iterator[str]:
    yield "[columns]  # field = the header in the sheet; what is not mapped is not checked"
    for column in proposal.columns:
        doubt = f"  # unsure: {_in_comment(column.doubt)}" if column.doubt else ""
        yield f"{column.field} = {quoted(column.header)}{doubt}"
    for column in proposal.passed_over:
        yield f"# {column.field} = {quoted(column.header)}  # not taken: {_in_comment(column.doubt)}"
    if proposal.left_out:
        yield f"# Left out: {', '.join(map(quoted, proposal.left_out))}"


def _stages(proposal: Proposal, stages: Sequence[str]) -> Iterator[str]:
    yield f"[stages]  # the sheet's word = the stage it means: {', '.join(map(quoted, stages))}"
    for word, stage in proposal.stages.items():
        yield f"{quoted(word)} = {quoted(stage)}"
    for unknown in proposal.unknown[:_MOST_STAGES]:
        yield f"# {quoted(unknown.word)} = {quoted(unknown.suggestion)}  # {_question(unknown)}"
    if len(proposal.unknown) > _MOST_STAGES:
        yield f"# … and {len(proposal.unknown) - _MOST_STAGES} more words that are no known stage"


def _history(proposal: Proposal) -> Iterator[str]:
    yield "[history]  # the header of a column with the day on which deals came into a stage = that stage"
    for header, stage in proposal.history.items():
        yield f"{quoted(header)} = {quoted(stage)}"


def _question(unknown: UnknownStage) -> str:
    deals = plural(unknown.deals, "deal")
    if not unknown.word:
        return f"no stage is named, {deals}: take the # away if that means the first one"
    return f"unknown, {deals}: {'is it that?' if unknown.suggestion else 'which is it?'}"


def _drafts(login: Suggested) -> Iterator[str]:
    yield "[drafts]"
    yield f"to = {quoted(login.drafts)}"
    sender = f"from = {quoted(login.sender)}" if login.sender else '# from = "Ana Sommer <ana@northwind.example>"'
    yield f"{sender}  # for deals whose owner has no address in the sheet"
    yield '# texts = "texts/"  # a folder of mail texts of your own; the built-in ones are in English'


def _write_back(proposal: Proposal) -> Iterator[str]:
    yield "[write_back]  # the columns that fivestep adds to the sheet, and the only ones it writes to"
    for name, header in proposal.write_back.items():
        yield f"{name} = {quoted(header)}"


def _login(login: Suggested) -> Iterator[str]:
    yield f"[{login.section}]"
    for name, value in login.options.items():
        yield f"{name} = {json.dumps(value) if isinstance(value, bool) else quoted(value)}"


def _in_comment(text: str) -> str:
    """The text without what may not stand in a comment."""
    return quoted(text)[1:-1].replace('\\"', '"')
