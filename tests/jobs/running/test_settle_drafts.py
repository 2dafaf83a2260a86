"""What becomes of drafts of earlier runs, before anything new is drafted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fivestep.connectors.ledger import OpenDraft
from fivestep.connectors.mailbox import Found, Known, MailboxCapabilities
from fivestep.connectors.mailboxes.folder import EmlFolder
from fivestep.jobs.running.settle_drafts import Settlement, settle_drafts, settled
from fivestep.process.model.history import DealHistory, DraftRecord, DraftState, History

TODAY = dt.date(2026, 11, 23)
YESTERDAY = TODAY - dt.timedelta(days=1)


def record(state: DraftState, deal: str = "D-1", person: str = "kim@fabrikam.example") -> DraftRecord:
    return DraftRecord(f"{deal}/1/1", deal, person, 1, 1, "pitch-1", state, YESTERDAY, YESTERDAY)


def draft(state: DraftState, *, age: float = 0.0, draft_id: str = "") -> OpenDraft:
    since = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age)
    return OpenDraft(record(state), "token", draft_id, "gmail", "Ben <ben@northwind.example>", "Subject", since)


class Slow(EmlFolder):
    """A mailbox in which a draft turns up at the second look, or never."""

    capabilities = MailboxCapabilities(reads_mail=False, in_flight=dt.timedelta(seconds=10))

    def __init__(self, *looks: Found | None) -> None:
        super().__init__(Path())
        self.looks = [*looks]

    def trace(self, drafts: Sequence[Known]) -> list[Found | None]:
        return [self.looks.pop(0) for _ in drafts]


@pytest.mark.parametrize("age", [0, 35, 3_600, -3_600])
@pytest.mark.parametrize("then", [Found("id", "created"), None])
def test_a_request_may_have_been_sent_long_after_its_intent(then: Found | None, age: float) -> None:
    """It waited for the quota meanwhile; so how old the intent is says nothing of what is still under way."""
    pauses: list[float] = []
    found = settle_drafts([draft("intended", age=age)], lambda _name: Slow(None, then), TODAY, pause=pauses.append)
    assert pauses == [10]
    assert [(one.record.state, one.draft_id) for one in found.settlements] == [
        ("created", "id") if then else ("failed", None)
    ]


def test_nothing_is_waited_for_where_all_is_found() -> None:
    settle_drafts([draft("intended")], lambda _name: Slow(Found("id", "created")), TODAY, pause=pytest.fail)


@pytest.mark.parametrize("state", ["intended", "created", "edited", "deleted", "unknown"])
def test_a_draft_in_a_mailbox_that_cannot_be_looked_into_is_named(state: DraftState) -> None:
    found = settle_drafts([draft(state, draft_id="id")], lambda _name: Slow(Found("id", "unasked")), TODAY)
    assert found.settlements == []
    if state in ("deleted", "unknown"):
        assert found.notices == []
    else:
        [notice] = found.notices
        assert notice.startswith("The mailbox of ben@northwind.example can't be looked into")
        assert "kim@fabrikam.example (D-1)" in notice


@pytest.mark.parametrize(
    ("sent_at", "day"),
    [
        (dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC), dt.date(2026, 11, 22)),
        (dt.datetime(2026, 11, 22, 16, tzinfo=dt.UTC), TODAY),  # in Tokyo it is the next day by then
        (dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC), TODAY),  # a clock that is wrong
        (dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC), YESTERDAY),  # no mail is sent before its draft is made
        (None, TODAY),
    ],
)
def test_a_mail_is_of_the_day_it_was_sent_where_the_team_works(sent_at: dt.datetime | None, day: dt.date) -> None:
    found = Found("id", "sent", sent_at)
    zone = dt.timezone(dt.timedelta(hours=9))
    [one] = settle_drafts([draft("created", draft_id="id")], lambda _name: Slow(found), TODAY, zone=zone).settlements
    assert (one.record.state, one.record.changed_on) == ("sent", day)


@pytest.mark.parametrize("how", [{"open_elsewhere": frozenset({"kim@fabrikam.example"})}, {}])
def test_a_draft_that_waits_in_another_pipeline_still_does(how: dict[str, Any]) -> None:
    before = History({"D-1": DealHistory(drafts=[record("unknown")])}, **how)
    gone = Settlement(record("deleted")._replace(changed_on=TODAY), "id")
    assert settled(before, [gone], TODAY).open_people == how.get("open_elsewhere", set())


def test_what_is_settled_counts_for_the_people_and_the_day() -> None:
    before = History(
        {"D-1": DealHistory(drafts=[record("created"), record("intended", "D-2", "lee@fabrikam.example")])}
    )
    assert before.open_people == {"kim@fabrikam.example", "lee@fabrikam.example"}
    after = settled(before, [Settlement(record("sent"), "id")], YESTERDAY)
    assert (after.open_people, after.drafts_today) == ({"lee@fabrikam.example"}, 2)
