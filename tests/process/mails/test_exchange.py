"""Whose answer a mail is: by address and by conversation."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import pytest

from fivestep.process.mails.exchange import Exchanges, correspondence_of, same_person
from fivestep.process.mails.mail_kind import Meaning
from fivestep.process.model.history import Conversation, Correspondence

ANA, BEN, KIM, LEE = "ana@northwind.example", "ben@northwind.example", "kim@fabrikam.example", "lee@fabrikam.example"
DAEMON = "mailer-daemon@mx.example"


class Letter(NamedTuple):
    id: str
    thread: str
    at: int
    sender: str
    to: frozenset[str]
    meaning: Meaning
    is_sent: bool

    @property
    def conversation(self) -> Conversation:
        return Conversation(self.thread, f"<{self.id}>", "", "Offer")


def day(number: int) -> int:
    return int(dt.datetime(2026, 11, number, 12, tzinfo=dt.UTC).timestamp() * 1000)


def mail(number: int, sender: str, to: str, thread: str = "t", meaning: Meaning = Meaning()) -> Letter:  # noqa: B008
    """One of that day in November."""
    return Letter(f"{number}{sender}", thread, day(number), sender, frozenset(to.split()), meaning, sender == ANA)


def told(*mails: Letter, person: str = KIM, free_mail: frozenset[str] = frozenset()) -> Correspondence:
    exchanges: Exchanges[Letter] = Exchanges({ANA, "sales@northwind.example"}, {ANA, BEN}, [KIM, LEE], free_mail)
    for one in mails:
        exchanges.note(one)
    return correspondence_of([(ANA, exchanges.exchange(person))], dt.UTC)


OFFER = mail(10, ANA, KIM)


@pytest.mark.parametrize(
    "sender",
    ["kim.lee@fabrikam.example", "KIM+x@fabrikam.example".lower(), "office@contoso.example", "kim.lee@gmail.com"],
)
def test_whoever_answers_in_the_thread_answers_for_them(sender: str) -> None:
    found = told(OFFER, mail(12, sender, ANA))
    assert (found.theirs, found.they_wrote_last) == (dt.date(2026, 11, 12), True)


@pytest.mark.parametrize("sender", [BEN, "sales@northwind.example", "cem@northwind.example"])
def test_our_own_people_answer_nothing(sender: str) -> None:
    assert told(OFFER, mail(12, sender, ANA)).theirs is None


def test_where_we_share_a_domain_with_everybody_it_says_nothing() -> None:
    exchanges: Exchanges[Letter] = Exchanges({"ana@gmail.com"}, {"ana@gmail.com"}, [KIM], {"gmail.com"})
    for one in (mail(10, "ana@gmail.com", KIM), mail(12, "kim.lee@gmail.com", "ana@gmail.com")):
        exchanges.note(one)
    assert exchanges.exchange(KIM).theirs is not None


def test_what_was_said_in_the_thread_before_we_wrote_to_them_is_none() -> None:
    assert told(mail(8, LEE, ANA), OFFER).theirs is None


def test_a_thread_without_a_mail_to_them_is_not_theirs() -> None:
    assert told(OFFER, mail(12, "kim.lee@fabrikam.example", ANA, thread="other")).theirs is None


def test_an_absence_of_one_of_two_is_not_the_others() -> None:
    away = Meaning("automatic", away_until=dt.date(2026, 12, 7))
    both = mail(10, ANA, f"{KIM} {LEE}")
    assert told(both, mail(11, LEE, ANA, meaning=away), person=LEE).away_until == dt.date(2026, 12, 7)
    assert told(both, mail(11, LEE, ANA, meaning=away)).away_until is None


def test_a_bounce_is_of_the_address_it_names() -> None:
    lost = mail(11, DAEMON, ANA, "elsewhere", Meaning("bounce", failed=frozenset({KIM})))
    assert told(OFFER, lost).bounced == dt.date(2026, 11, 11)
    assert told(OFFER, lost, person=LEE).bounced is None


def test_one_that_names_nobody_is_of_whoever_alone_was_written_to() -> None:
    lost = mail(11, DAEMON, ANA, meaning=Meaning("bounce"))
    assert told(OFFER, lost).bounced == dt.date(2026, 11, 11)
    assert told(mail(10, ANA, f"{KIM} {LEE}"), lost).bounced is None


def test_whoever_writes_later_has_an_address_that_works() -> None:
    lost = mail(11, DAEMON, ANA, meaning=Meaning("bounce", failed=frozenset({KIM})))
    assert told(OFFER, lost, mail(12, KIM, ANA)).bounced is None


def test_a_yes_to_an_invitation_answers_what_they_had_asked() -> None:
    found = told(mail(9, KIM, ANA), mail(11, KIM, ANA, meaning=Meaning("accepted")))
    assert (found.theirs, found.accepted, found.they_wrote_last) == (dt.date(2026, 11, 9), dt.date(2026, 11, 11), False)


def test_a_wish_to_be_left_alone_outlasts_our_answer() -> None:
    wish = mail(11, KIM, ANA, meaning=Meaning(asks_out=True))
    assert told(OFFER, wish, mail(12, ANA, KIM)).asked_out == dt.date(2026, 11, 11)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("k.lee+offers@googlemail.com", "klee@gmail.com"),
        ("kim+x@fabrikam.example", "kim@fabrikam.example"),
    ],
)
def test_writings_of_one_address(one: str, other: str) -> None:
    assert same_person(one) == same_person(other)


@pytest.mark.parametrize(
    ("one", "other"), [("k.lee@fabrikam.example", "klee@fabrikam.example"), ("a@gmail.com", "b@gmail.com")]
)
def test_two_addresses(one: str, other: str) -> None:
    assert same_person(one) != same_person(other)
