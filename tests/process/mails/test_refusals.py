"""The table of refusals: each reason is reached, the first that holds is told, and the documentation has them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from fivestep.config.vocabulary.names import load_names
from fivestep.process.mails.due import Due, People
from fivestep.process.mails.refusals import REFUSALS, Case, why_not_drafted
from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_MAIL, Correspondence, DraftRecord, Mail
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import FollowUp, Stage
from tests import ROOT

MONDAY = dt.date(2026, 11, 23)
KIM, ANA = "kim@acme.example", "ana@northwind.example"

POLICY = Policy("deals", Calendar(), "Deal ID", own_id=True, status="Status", next_step="", follow_up="",
                sender=ANA, per_run=25, per_day=50, names=load_names())  # fmt: skip
DUE = Due(Deal(2, "D-1", email=KIM), Stage("Pitch", quiet_after=90), 1, FollowUp(5, "pitch-1"), 1, 12)
FREE = Case(DUE, KIM, ANA, People(set(), set(), set(), {}), NO_MAIL, POLICY, MONDAY, "", 0, 0, lambda: "")
"""Nothing speaks against it."""


def due(**facts: Any) -> Callable[[Case], Case]:
    return lambda case: case._replace(due=case.due._replace(**facts))


def deal(**fields: Any) -> Callable[[Case], Case]:
    return lambda case: due(deal=case.due.deal._replace(**fields))(case)


def people(**addresses: Any) -> Callable[[Case], Case]:
    return lambda case: case._replace(people=case.people._replace(**addresses))


def written(subject: str, template: str, on: dt.date) -> Callable[[Case], Case]:
    return people(mails={KIM: [DraftRecord(f"{subject}/1/1", subject, KIM, 1, 1, template, "sent", on, on)]})


def others(**facts: Any) -> Callable[[Case], Case]:
    return lambda case: case._replace(**facts)


def no_login(case: Case) -> Case:
    return case._replace(mail=Mail(case.mail.correspondence, {ANA: "Ana has no login"}))


def told(**what: Any) -> Callable[[Case], Case]:
    def against(case: Case) -> Case:
        before = case.mail.correspondence.get(KIM, Correspondence())
        return case._replace(mail=Mail({KIM: before._replace(**what)}, case.mail.refusals))

    return against


AGAINST: dict[str, tuple[Callable[[Case], Case], str]] = {
    "guard's column gone": (
        due(gone="Reply {1}"), "the column Reply {1} is gone from the sheet, and it could forbid this mail"),
    "no ID": (deal(id=""), "the row has no ID of its own"),
    "guard in doubt": (due(unsure="Waiting"), "mend Waiting first, it could forbid this mail"),
    "deal waits": (deal(waiting_until=dt.date(2026, 11, 24)), "the deal waits"),
    "first things first": (
        due(first=Problem("D-1", 2, "fit", "pitch.fit", "warning", "{Fit} is no", "Close it")),
        "settle first: {Fit} is no"),
    "silent too long": (due(days_since_contact=91), "nothing for 91 working days, too long for a nudge"),
    "no address": (others(person=""), "no e-mail address"),
    "do not contact": (people(untouchable={KIM, ""}), "marked do not contact"),
    "mail bounced": (
        told(bounced=dt.date(2026, 11, 3)), "mail to this address bounced on 3 Nov"),
    "asked to be left alone": (
        told(asked_out=dt.date(2026, 11, 4)), "they asked on 4 Nov to get no more mails"),
    "away": (
        told(away_until=dt.date(2026, 12, 7)), "they are away until 7 Dec, as their automatic reply says"),
    "they wrote last": (people(wrote_last={KIM, ""}), "they wrote last"),
    "no sender": (others(sender=""), "nobody to send it: the owner's e-mail is not known"),
    "sender's own address": (others(sender=KIM), "the address is the sender's own"),
    "no mailbox": (no_login, "Ana has no login"),
    "last word unknown": (
        told(unknown="Gmail is slow"),
        "it is not known who wrote last: Gmail is slow"),
    "written to lately": (
        written("D-2", "pitch-2", dt.date(2026, 11, 20)), "a mail about another deal went to them on 20 Nov"),
    "text known": (
        written("D-1", "pitch-1", dt.date(2026, 11, 2)), "this text was drafted to them already, on 2 Nov"),
    "another draft": (others(other="due"), "another draft to this person is due"),
    "more than the caps": (others(made=25), "not yet, more are due than 25 a run and 50 a day"),
    "value missing": (others(missing=lambda: "Company (cell C5)"), "fill in Company (cell C5)"),
}  # fmt: skip
"""By the name of each reason: what makes it hold, and what is told then."""


def test_nothing_speaks_against_the_case_that_the_others_are_made_from() -> None:
    assert why_not_drafted(FREE) == ""


def test_every_reason_is_tried_here_in_the_order_of_the_table() -> None:
    assert list(AGAINST) == [refusal.name for refusal in REFUSALS]


@pytest.mark.parametrize("name", AGAINST)
def test_each_reason_is_reached_and_told(name: str) -> None:
    against, told = AGAINST[name]
    case = against(FREE)
    assert why_not_drafted(case) == told
    assert [refusal.name for refusal in REFUSALS if refusal.when(case)] == [name]


@pytest.mark.parametrize("name", AGAINST)
def test_a_reason_is_told_before_those_that_come_after_it(name: str) -> None:
    names = list(AGAINST)
    told = AGAINST[name][1]
    for later in names[names.index(name) + 1 :]:
        case = AGAINST[name][0](AGAINST[later][0](FREE))
        assert why_not_drafted(case) == told, later


def test_what_is_missing_is_looked_for_only_where_nothing_else_speaks_against_it() -> None:
    def missing() -> str:
        raise AssertionError

    with pytest.raises(AssertionError):
        why_not_drafted(FREE._replace(missing=missing))
    assert why_not_drafted(FREE._replace(missing=missing, other="waiting"))


@pytest.mark.parametrize(
    "nearly",
    [
        deal(waiting_until=MONDAY),
        due(days_since_contact=90),
        due(days_since_contact=900, stage=Stage("Pitch")),
        written("D-2", "pitch-2", dt.date(2026, 11, 16)),
        written("D-1", "pitch-1", dt.date(2026, 8, 31)),
        written("D-1", "pitch-2", dt.date(2026, 11, 20)),
        others(mail=Mail({KIM: Correspondence(they_wrote_last=False)}, {"ben@northwind.example": "no login"})),
        others(made=24),
        others(made_today=49),
        told(away_until=MONDAY),
        lambda case: told(asked_out=MONDAY)(deal(override="they asked for the offer again")(case)),
        lambda case: written("D-1", "pitch-1", dt.date(2026, 11, 2))(due(answered=dt.date(2026, 11, 3))(case)),
    ],
    ids=[
        "waited",
        "at the limit",
        "no limit",
        "rested",
        "long ago",
        "other text",
        "others' mail",
        "run",
        "day",
        "back",
        "decided",
        "answered",
    ],
)
def test_what_only_nearly_holds_keeps_no_mail_back(nearly: Callable[[Case], Case]) -> None:
    assert why_not_drafted(nearly(FREE)) == ""


def test_the_caps_count_the_run_and_the_day() -> None:
    def full(made: int, made_today: int, *, drafting: bool = True) -> bool:
        policy = Policy(**{**vars(POLICY), "drafting": drafting})
        return bool(why_not_drafted(FREE._replace(made=made, made_today=made_today, policy=policy)))

    assert [full(25, 0), full(10, 40), full(0, 50)] == [True, True, True]
    # A run that makes none: what the day's last run left over is not due before the next one.
    assert [full(0, 24, drafting=False), full(0, 25, drafting=False)] == [False, True]


def test_the_documentation_names_the_reasons_of_the_table_in_its_order() -> None:
    page = (ROOT / "docs" / "process.md").read_text("utf-8")
    [section] = [part for part in page.split("\n## ") if part.startswith("Why there is no draft")]
    lines = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")]
    shown = [cells[0].strip() for cells in lines[2:]]
    assert shown == [
        "what the mailbox answers" if refusal.words == "{}" else f"`{_in_a_doc(refusal.words)}`" for refusal in REFUSALS
    ]


def _in_a_doc(words: str) -> str:
    """With `…` for all that differs from case to case."""
    import re

    return re.sub(r"\{[^}]*\}", "…", words)
