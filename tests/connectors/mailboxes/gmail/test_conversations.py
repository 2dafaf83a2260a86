"""Who wrote last, as a mailbox in Gmail tells it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from fivestep.connectors.mailboxes.gmail import api, conversations
from fivestep.connectors.mailboxes.gmail.mail import message_of
from fivestep.connectors.mailboxes.mime.headers import addresses, writer
from fivestep.connectors.mailboxes.mime.signature import plain_text
from fivestep.connectors.testing.mailbox import CorrespondenceContract, message
from fivestep.process.model.history import Correspondence
from tests.fakes.gmail_mailbox import ANA, BERLIN, KIM, GmailPlace
from tests.fakes.google.gmail_message import Message as Mail
from tests.fakes.google.server import GoogleServer

LEE = "lee@fabrikam.example"


@pytest.fixture(scope="module")
def google() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


@pytest.fixture
def place(google: GoogleServer) -> GmailPlace:
    return GmailPlace(google)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, and not slept."""
    waited: list[float] = []
    monkeypatch.setattr(api, "_pause", waited.append)
    return waited


def ago(place: GmailPlace, **span: float) -> dt.datetime:
    return place.now - dt.timedelta(**span)


class TestContract(CorrespondenceContract):
    pass


TO_MANY: list[Mapping[str, str]] = [
    {"Precedence": "list"},
    {"Precedence": "bulk"},
    {"List-Unsubscribe": "<mailto:stop@fabrikam.example>"},
    {
        "Precedence": "list",
        "Mailing-list": "list sales@northwind.example; contact sales+owners@northwind.example",
        "List-ID": "<sales.northwind.example>",
        "List-Unsubscribe": "<mailto:googlegroups-manage+1+unsubscribe@googlegroups.com>",
    },
]


class TestWhoWroteLast:
    def test_nobody(self, place: GmailPlace) -> None:
        assert place.talk() == Correspondence()
        assert place.mailbox.correspondence({}) == {}

    def test_they_did(self, place: GmailPlace) -> None:
        place.box().send(KIM, "Offer", "…", at=ago(place, days=3))
        place.box().receive(KIM, "Re: Offer", at=ago(place, days=1))
        told = place.talk()
        assert (told.ours, told.theirs, told.they_wrote_last) == (dt.date(2026, 11, 20), dt.date(2026, 11, 22), True)

    def test_we_did(self, place: GmailPlace) -> None:
        place.box().receive(KIM, "Offer", at=ago(place, days=3))
        place.box().send(f"Kim Lee <{KIM}>", "Re: Offer", "…", at=ago(place, days=1))
        told = place.talk()
        assert (told.theirs, told.ours, told.they_wrote_last) == (dt.date(2026, 11, 20), dt.date(2026, 11, 22), False)

    @pytest.mark.parametrize("they_last", [True, False])
    def test_on_one_day_it_is_told_to_the_millisecond(self, place: GmailPlace, they_last: bool) -> None:
        place.box().receive(KIM, "Offer", at=ago(place, milliseconds=2))
        place.box().send(KIM, "Offer", "…", at=ago(place, milliseconds=3 if they_last else 1))
        assert place.talk().they_wrote_last is they_last

    def test_the_day_is_that_of_the_teams_time_zone(self, place: GmailPlace) -> None:
        place.box().receive(KIM, "Offer", at=dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC))
        assert place.talk().theirs == dt.date(2026, 11, 21)

    def test_the_address_counts_in_other_letters_and_behind_any_name(self, place: GmailPlace) -> None:
        place.box().receive('"Lee, Kim (Fabrikam)" <KIM@Fabrikam.example>', "Offer")
        assert place.talk().they_wrote_last

    @pytest.mark.parametrize(
        "sender",
        [
            f'"{KIM}" <eve@elsewhere.example>',
            "xkim@fabrikam.example",
            "kim@fabrikam.example.elsewhere.example",
            "Kim <kim@elsewhere.example>",
        ],
    )
    def test_somebody_like_them_is_not_them(self, place: GmailPlace, sender: str) -> None:
        place.box().receive(sender, "Offer", f"Kim says hello, {KIM}")
        assert place.talk() == Correspondence()

    def test_a_copy_to_them_counts_and_a_mail_about_them_does_not(self, place: GmailPlace) -> None:
        place.box().send(LEE, f"Write to {KIM}", f"Please write to {KIM}")
        assert place.talk().ours is None
        mail = place.box().receive(ANA, "Offer", to=LEE, cc=f"Kim <{KIM}>", labels=["SENT"])
        assert place.talk().conversations[ANA].message_id == mail.message_id

    def test_a_mail_by_another_program_in_our_name_counts_even_when_it_is_old(self, place: GmailPlace) -> None:
        place.box().receive(f"Ana <{ANA}>", "Offer", to=KIM, labels=[], at=ago(place, days=20))
        _crowd(place, 70)
        told = place.talk()
        assert (told.ours, told.theirs) == (dt.date(2026, 11, 3), None)

    def test_what_was_thrown_away_is_no_word(self, place: GmailPlace) -> None:
        box = place.box()
        box.trash(box.receive(KIM, "Offer").id)
        box.trash(box.send(KIM, "Offer", "…").id)
        box.receive(KIM, "Win a prize", labels=["SPAM"])
        assert place.talk() == Correspondence()

    def test_a_mail_without_a_name_gives_no_conversation(self, place: GmailPlace) -> None:
        named = place.box().receive(KIM, "Offer", at=ago(place, days=1))
        place.box().receive(KIM, "Re: Offer", headers={"Message-ID": ""})
        told = place.talk()
        assert told.theirs == dt.date(2026, 11, 23)
        assert told.conversations == {} or told.conversations[ANA].message_id == named.message_id

    def test_header_names_in_any_letters(self, place: GmailPlace) -> None:
        mail = place.box().receive(KIM, "Offer", headers={"Message-ID": "", "MESSAGE-Id": "<17@fabrikam.example>"})
        assert mail.message_id == "<17@fabrikam.example>"
        assert place.talk().conversations[ANA].message_id == "<17@fabrikam.example>"


class TestAutomaticReplies:
    @pytest.mark.parametrize(
        ("subject", "headers"),
        [
            ("Offer", {"Auto-Submitted": "auto-replied (vacation)"}),
            ("Offer", {"X-Autoreply": "yes"}),
            ("Offer", {"X-Autorespond": "Offer"}),
            ("Offer", {"precedence": "auto_reply"}),
            ("Offer", {"Precedence": "list", "Auto-Submitted": "auto-replied"}),
            ("Re: Offer (out of office)", {"X-Auto-Response-Suppress": "All"}),
            ("Automatic reply: Offer", {}),
            ("Out of Office AutoReply: Offer", {}),
            ("Out of office", {}),
            ("[Auto-Reply] Offer", {}),
            ("Abwesenheitsnotiz: Offer", {}),
            ("Automatische Antwort: Offer", {}),
            ("Réponse automatique : Offer", {}),
            ("Respuesta automática: Offer", {}),
            ("Risposta automatica: Offer", {}),
            ("Automatisch antwoord: Offer", {}),
        ],
    )
    @pytest.mark.parametrize("old", [False, True])
    def test_one_is_no_word_of_theirs(
        self, place: GmailPlace, subject: str, headers: Mapping[str, str], old: bool
    ) -> None:
        place.box().receive(KIM, "Offer", at=ago(place, days=40))
        ours = place.box().send(KIM, "Re: Offer", "…", at=ago(place, days=31))
        place.box().receive(KIM, subject, headers=headers, reply_to=ours, at=ago(place, days=30))
        if old:
            _crowd(place, 65)
        told = place.talk()
        assert (told.theirs, told.they_wrote_last) == (dt.date(2026, 10, 14), False)
        assert told.conversations[ANA].message_id == ours.message_id

    @pytest.mark.parametrize(
        ("subject", "headers"),
        [
            ("Re: Automatic reply: Offer", {}),
            ("Out of office furniture for your new building", {}),
            ("Offer", {"Auto-Submitted": "no"}),
            ("Offer", {"X-Auto-Response-Suppress": "All"}),
            ("Re: our holiday in Spain", {}),
            ("Precedence: bulk", {}),
        ],
    )
    def test_what_a_person_wrote_is(self, place: GmailPlace, subject: str, headers: Mapping[str, str]) -> None:
        place.box().receive(KIM, subject, headers=headers)
        assert place.talk().they_wrote_last

    @pytest.mark.parametrize("headers", TO_MANY)
    def test_a_mail_to_many_is_no_word_of_theirs(self, place: GmailPlace, headers: Mapping[str, str]) -> None:
        place.box().receive(KIM, "Our news", headers=headers)
        told = place.talk()
        assert (told.theirs, told.they_wrote_last) == (None, False)

    @pytest.mark.parametrize("headers", TO_MANY)
    def test_an_answer_by_way_of_a_group_is_theirs(self, place: GmailPlace, headers: Mapping[str, str]) -> None:
        """A group's address is a list to Google, and whoever answers to it writes to people all the same."""
        ours = place.box().send(KIM, "Offer", "…", at=ago(place, days=9))
        place.box().receive(KIM, "Re: Offer", to="sales@northwind.example", reply_to=ours, headers=headers)
        assert place.talk().they_wrote_last

    def test_our_own_automatic_reply_is_no_word_of_ours(self, place: GmailPlace) -> None:
        place.box().receive(KIM, "Offer", at=ago(place, days=1))
        headers = {"Auto-Submitted": "auto-replied"}
        place.box().receive(ANA, "Re: Offer", to=KIM, headers=headers, labels=["SENT"])
        assert place.talk().they_wrote_last

    def test_many_in_a_row_hide_no_word(self, place: GmailPlace) -> None:
        place.box().receive(KIM, "Offer", at=ago(place, days=90))
        for day in range(12):
            place.box().receive(KIM, "Automatic reply: Offer", at=ago(place, days=50 - day))
        _crowd(place, 65)
        assert place.talk().theirs == dt.date(2026, 8, 25)


class TestWhereItLooks:
    def test_what_no_search_finds_yet_is_seen(self, place: GmailPlace) -> None:
        place.server.gmail.index_lag = dt.timedelta(minutes=10)
        place.box().send(KIM, "Offer", "…", at=ago(place, days=2))
        place.box().receive(KIM, "Re: Offer", at=ago(place, minutes=9))
        for number in range(150):
            place.box().receive(f"p{number}@contoso.example", "Hello", at=ago(place, minutes=8))
        assert place.talk().they_wrote_last

    def test_what_the_newest_mails_tell_needs_no_search(self, place: GmailPlace) -> None:
        place.box().send(KIM, "Offer", "…")
        place.box().receive(KIM, "Re: Offer")
        place.server.calls.clear()
        place.talk()
        assert all("q" not in dict(call.query) for call in place.server.of("gmail.users.messages.list"))
        assert place.made("messages.get") == 2

    def test_each_message_is_read_once_in_a_run(self, place: GmailPlace) -> None:
        _crowd(place, 40)
        mailbox = place.reopened()
        for _ in range(2):
            mailbox.correspondence({KIM: {ANA}, LEE: {ANA}})
        assert place.made("messages.get") == 40

    def test_of_many_mails_with_one_person_few_are_read(self, place: GmailPlace) -> None:
        for number in range(200):
            place.box().receive(KIM, "Offer", at=ago(place, days=20, minutes=number))
            place.box().send(KIM, "Offer", "…", at=ago(place, days=30, minutes=number))
        _crowd(place, 60)
        told = place.talk()
        assert (told.theirs, told.ours) == (dt.date(2026, 11, 3), dt.date(2026, 10, 24))
        assert (place.made("messages.get"), place.made("threads.get")) == (61, 1)

    def test_drafts_do_not_crowd_out_mails(self, place: GmailPlace) -> None:
        place.server.gmail.index_lag = dt.timedelta(minutes=10)
        place.box().receive(KIM, "Offer")
        for number in range(7):
            place.mailbox.create_all([message(to=f"p{number}-{n}@contoso.example") for n in range(10)])
        assert place.talk().they_wrote_last
        assert place.made("messages.get") == 1

    def test_a_draft_that_came_between_two_listings_is_no_word_of_ours(
        self, place: GmailPlace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.box().receive(KIM, "Offer")
        place.mailbox.create(message())
        monkeypatch.setattr(api.GmailApi, "drafts", lambda _: [])
        assert place.talk().ours is None

    @pytest.mark.parametrize("label", ["TRASH", "SPAM", "CHAT"])
    def test_nor_is_a_mail_that_went_there_between_two_calls(self, label: str) -> None:
        headers = (("from", KIM), ("to", ANA))
        for labels in ({"INBOX"}, {"INBOX", label}):
            mail = message_of(api.RawMail("1", "1", frozenset(labels), 0, "text/plain", headers))
            assert mail.counts is (label not in labels)

    @pytest.mark.parametrize(
        "person",
        ["kim}@fabrikam.example", 'kim" or "@fabrikam.example', "-kim@fabrikam.example", "kim lee", "kim(x)@y.example"],
    )
    def test_no_address_can_change_a_search(self, place: GmailPlace, person: str) -> None:
        place.box().receive("lee@contoso.example", "Hello")
        assert place.talk(person) == Correspondence()
        queries = [dict(call.query).get("q", "") for call in place.server.of("gmail.users.messages.list")]
        assert queries == [""]

    def test_a_domain_in_other_letters(self, place: GmailPlace) -> None:
        place.box().receive("kim@xn--bcher-kva.example", "Offer", at=ago(place, days=9))
        _crowd(place, 65)
        assert place.talk("kim@bücher.example").theirs == dt.date(2026, 11, 14)

    @pytest.mark.parametrize("kind", ["quota", "rate_limit", "internal"])
    def test_parts_that_fail_are_read_again(self, place: GmailPlace, kind: str, waits: list[float]) -> None:
        _crowd(place, 30)
        place.box().receive(KIM, "Offer")
        place.server.faults.add(kind, method="gmail.users.messages.get", at=5, times=20)
        assert place.talk().they_wrote_last
        assert waits

    def test_a_mail_that_goes_away_meanwhile_is_none(self, place: GmailPlace) -> None:
        mail = place.box().receive(KIM, "Offer")
        place.box().receive(LEE, "Offer")

        def gone(call: Any) -> None:
            if call.method_id == "gmail.users.messages.get" and mail.id in place.box().messages:
                place.box().store.remove(mail)

        place.server.before = gone
        told = place.reopened().correspondence({KIM: {ANA}, LEE: {ANA}})
        assert (told[KIM].theirs, told[LEE].theirs) == (None, dt.date(2026, 11, 23))


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_reading_everything_would_tell(
    place: GmailPlace, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random mailboxes, asked person by person and in groups, against the whole mailbox read here."""
    dice = random.Random(seed)
    people = [f"p{number}@contoso.example" for number in range(40)]
    box = place.box()
    for _ in range(dice.choice([30, 200, 400])):
        at = ago(place, minutes=dice.choice([1, 500, 90_000]) * dice.random())
        some = ", ".join(dice.sample(people, dice.choice([1, 1, 1, 2, 5])))
        match dice.randrange(6):
            case 0:
                box.send(some, "Offer", "…", at=at)
            case 1:
                box.receive(dice.choice(people), "Automatic reply: Offer", at=at)
            case 2:
                box.trash(box.receive(dice.choice(people[:20]), "Offer", at=at).id)
            case 3:
                box.receive("somebody@elsewhere.example", "Hello", cc=some, at=at)
            case _:
                # Some write much, some never.
                box.receive(dice.choice(people[: dice.choice([2, 10, 30])]), "Offer", at=at)
    monkeypatch.setattr(conversations, "SINGLE", dice.choice([0, 150]))
    told = place.reopened().correspondence({one: {ANA} for one in people})
    for one in people:
        theirs = _last(mail for mail in box.messages.values() if mail.sender == one and "Auto" not in mail.subject)
        ours = _last(mail for mail in box.messages.values() if one in mail.to and "SENT" in mail.labels)
        assert (told[one].theirs, told[one].ours) == (_day(theirs), _day(ours)), one
        last = max((mail for mail in (theirs, ours) if mail), key=lambda mail: mail.key[0], default=None)
        assert told[one].they_wrote_last == (last is not None and last is theirs)
        assert {talk.message_id for talk in told[one].conversations.values()} == ({last.message_id} if last else set())


def test_many_people_are_asked_about_in_groups(place: GmailPlace) -> None:
    people = [f"p{number}@contoso.example" for number in range(400)]
    for number in (7, 120, 333):
        place.box().receive(people[number], "Offer", at=ago(place, days=400))
    _crowd(place, 60)
    place.server.calls.clear()
    told = place.talk_all(people)
    assert [one for one in people if told[one].theirs] == [people[7], people[120], people[333]]
    assert place.made("messages.list") == 1 + 16 + 16 + 1


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("kim@x.example", ["kim@x.example"]),
        ('"Lee, Kim" <Kim@X.example>, ana@y.example', ["kim@x.example", "ana@y.example"]),
        ("Lee, Kim <kim@x.example>", ["kim@x.example"]),
        ('"kim@x.example" <eve@y.example>', ["eve@y.example"]),
        ("kim@x.example <eve@y.example>", ["eve@y.example"]),
        ("undisclosed-recipients:;", []),
        ("", []),
        ("team: kim@x.example, ana@y.example;", ["kim@x.example", "ana@y.example"]),
    ],
)
def test_addresses_in_a_header(value: str, found: list[str]) -> None:
    assert addresses(value) == found


def test_the_writer_is_the_one_in_the_angle_brackets() -> None:
    assert writer("kim@x.example, Eve <eve@y.example>") == "eve@y.example"
    assert writer("kim@x.example") == "kim@x.example"
    assert writer("") == ""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Ana", "Ana"),
        ("<div>Ana</div><div>Northwind</div>", "Ana\nNorthwind"),
        ("<p>Ana<br/>Northwind</p><br><p>Berlin</p>", "Ana\nNorthwind\n\nBerlin"),
        ("<style>p {}</style><b>Ana</b> &amp;\n Ben", "Ana & Ben"),
        ("<table><tr><td>Tel</td><td>123</td></tr><tr><td>Fax</td></tr></table>", "Tel 123\nFax"),
        ('<a href="https://northwind.example/">northwind.example</a>', "northwind.example"),
        ('<a href="https://northwind.example/x">Book</a>', "Book <https://northwind.example/x>"),
        ('<a href="mailto:ana@x.example">Write</a>', "Write"),
        ("<img src='logo.png'>", ""),
        ("<div><div><div>Ana</div></div></div><div><br></div><div>Ben</div>", "Ana\n\nBen"),
    ],
)
def test_a_signature_in_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


def _crowd(place: GmailPlace, count: int) -> None:
    """Newer mails with other people."""
    for number in range(count):
        place.box().receive(f"crowd{number}@contoso.example", "Hello", at=ago(place, hours=1 + number))


def _last(mails: Iterator[Mail]) -> Mail | None:
    return max((mail for mail in mails if "TRASH" not in mail.labels), key=lambda mail: mail.key, default=None)


def _day(mail: Mail | None) -> dt.date | None:
    return mail.at.astimezone(BERLIN).date() if mail else None
