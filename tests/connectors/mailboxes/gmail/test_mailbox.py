"""Drafts in Gmail: the contract, and what Gmail and its owners do to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from fivestep.connectors.google.account import COMPOSE, READ_MAIL, SHEETS_SCOPE, NoAccountError
from fivestep.connectors.google.httplib2_session import SessionHttp
from fivestep.connectors.mailbox import Fate, Found, Known, Message, RefusedError
from fivestep.connectors.mailboxes.gmail import api, create
from fivestep.connectors.mailboxes.gmail.mailbox import GmailMailbox
from fivestep.connectors.testing.mailbox import MailboxContract, bodies, fate, find, known, message, parsed
from fivestep.errors import CredentialsError, LostAnswerError, UnreachableError
from fivestep.process.model.history import Conversation
from tests.fakes.gmail_mailbox import ANA, BEN, KIM, GmailPlace, place_of
from tests.fakes.google.server import GoogleServer

CREATE = "gmail.users.drafts.create"


@pytest.fixture(scope="module")
def google() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


@pytest.fixture
def place(google: GoogleServer) -> Iterator[GmailPlace]:
    place = GmailPlace(google)
    yield place
    assert not [call for call in google.calls if "send" in call.method_id.rpartition(".")[2].lower()]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, and not slept."""
    waited: list[float] = []
    monkeypatch.setattr(api, "_pause", waited.append)
    monkeypatch.setattr(create, "_pause", waited.append)
    return waited


def answer(conversation: Conversation, **more: Any) -> Message:
    """A follow-up in this conversation, as a plan has it."""
    return message(subject=conversation.reply_subject, **more)._replace(conversation=conversation)


class TestGmail(MailboxContract):
    pass


class TestConversations:
    def test_a_draft_joins_it_for_the_sender_and_for_the_recipient(self, place: GmailPlace) -> None:
        kim = place.box(KIM)
        first = kim.send(ANA, "Kiln control", "Hello Ana")
        arrived = place.box().receive(KIM, "Kiln control", headers={"Message-ID": first.message_id})
        draft_id = place.mailbox.create(answer(place.talk().conversations[ANA]))
        draft = place.box().drafts[place_of(draft_id).draft]
        assert draft.thread_id == arrived.thread_id
        assert draft.subject == "Re: Kiln control"
        sent = place.send(draft_id)
        assert kim._arrived(sent.raw, {"INBOX"}, place.now).thread_id == first.thread_id

    def test_it_is_the_latest_one_in_either_direction(self, place: GmailPlace) -> None:
        box = place.box()
        box.receive(KIM, "Old matter", at=place.now - dt.timedelta(days=9))
        theirs = box.receive(KIM, "New matter", at=place.now - dt.timedelta(days=5))
        ours = box.send(KIM, "Re: New matter", "…", reply_to=theirs, at=place.now - dt.timedelta(days=4))
        found = place.talk().conversations[ANA]
        assert found.thread == ours.thread_id == theirs.thread_id
        assert (found.message_id, found.references) == (ours.message_id, theirs.message_id)
        assert found.reply_subject == "Re: New matter"

    def test_without_one_a_draft_begins_its_own(self, place: GmailPlace) -> None:
        other = place.box().receive("lee@fabrikam.example", "Your offer")
        assert place.talk().conversations == {}
        draft_id = place.mailbox.create(message())
        assert place.box().drafts[place_of(draft_id).draft].thread_id != other.thread_id

    def test_one_that_was_deleted_meanwhile_is_begun_anew(self, place: GmailPlace) -> None:
        mail = place.box().receive(KIM, "Kiln control")
        one = answer(place.talk().conversations[ANA])
        place.box().store.remove(mail)
        draft_id = place.mailbox.create(one)
        assert place.count() == 1
        assert parsed(place.raw(draft_id))["In-Reply-To"] == mail.message_id

    def test_in_a_batch_each_joins_its_own(self, place: GmailPlace) -> None:
        people = [f"p{n}@fabrikam.example" for n in range(4)]
        mails = [place.box().receive(one, f"Matter {n}") for n, one in enumerate(people)]
        told = place.mailbox.correspondence({one: {ANA} for one in people})
        place.box().store.remove(mails[2])
        made = place.mailbox.create_all([answer(told[one].conversations[ANA], to=one) for one in people])
        threads = [place.box().drafts[place_of(str(one)).draft].thread_id for one in made]
        assert [thread == mail.thread_id for thread, mail in zip(threads, mails, strict=True)] == [
            True,
            True,
            False,
            True,
        ]
        assert place.count() == 4

    def test_one_of_another_kind_of_mailbox_is_begun_anew(self, place: GmailPlace) -> None:
        place.mailbox.create(answer(Conversation("INBOX/17", "<1@fabrikam.example>", "", "Offer")))
        assert place.count() == 1

    def test_the_tools_own_drafts_are_no_part_of_it(self, place: GmailPlace) -> None:
        mail = place.box().receive(KIM, "Kiln control")
        place.later(minutes=1)
        before = place.talk()
        place.mailbox.create(answer(before.conversations[ANA]))
        place.mailbox.create(message())
        place.later(days=1)
        assert place.talk() == before
        assert before.ours is None
        assert before.conversations[ANA].message_id == mail.message_id

    def test_what_was_sent_of_them_is_ours(self, place: GmailPlace) -> None:
        place.box().receive(KIM, "Kiln control")
        draft_id = place.mailbox.create(answer(place.talk().conversations[ANA]))
        assert place.talk().they_wrote_last
        sent = place.send(draft_id)
        told = place.talk()
        assert not told.they_wrote_last
        assert told.conversations[ANA].message_id == sent.message_id


class TestSignature:
    HTML = '<div>Ana Sommer<br>Northwind &amp; Sons</div><p><a href="https://northwind.example/ana">Book a call</a></p>'

    def test_it_stands_under_both_versions(self, place: GmailPlace) -> None:
        place.box().set_signature(self.HTML)
        plain, html = bodies(parsed(place.raw(place.mailbox.create(message()))))
        assert plain == (
            "Hello Kim\n\n-- \nAna Sommer\nNorthwind & Sons\nBook a call <https://northwind.example/ana>\n"
        )
        assert html.startswith("<p>Hello Kim</p>\n<br>\n<div ")
        assert f">{self.HTML}</div>" in html

    def test_it_is_that_of_the_address_and_else_the_default_one(self, place: GmailPlace) -> None:
        box = place.box()
        box.set_signature("Ana of sales", "sales@northwind.example", is_default=False)
        box.set_signature("Ana herself")
        place.logins["sales@northwind.example"] = place.logins["unknown@northwind.example"] = place.logins[ANA]
        senders = ["Sales <Sales@northwind.example>", ANA, "unknown@northwind.example"]
        made = place.mailbox.create_all([message(sender=sender) for sender in senders])
        texts = [bodies(parsed(place.raw(str(one))))[0].splitlines()[-1] for one in made]
        assert texts == ["Ana of sales", "Ana herself", "Ana herself"]
        assert place.made("settings.sendAs.list") == 1

    def test_without_the_scope_there_is_none(self, google: GoogleServer) -> None:
        place = GmailPlace(google, (COMPOSE,))
        place.box().set_signature(self.HTML)
        assert "Sommer" not in bodies(parsed(place.raw(place.mailbox.create(message()))))[0]

    def test_an_empty_one_adds_nothing(self, place: GmailPlace) -> None:
        place.box().set_signature("<div><br></div>")
        assert bodies(parsed(place.raw(place.mailbox.create(message()))))[0] == "Hello Kim\n"


class TestOwners:
    def test_each_draft_is_in_its_senders_mailbox(self, place: GmailPlace) -> None:
        place.logins[BEN] = place.login(BEN)
        made = place.mailbox.create_all([message(), message(sender=f"Ben <{BEN}>"), message()])
        assert [place_of(str(one)).address for one in made] == [ANA, BEN, ANA]
        assert (len(place.box().drafts), len(place.box(BEN).drafts)) == (2, 1)
        [call] = [call for call in place.server.of(CREATE) if call.account == BEN]
        assert call.status == 200

    def test_one_without_a_mailbox_is_told(self, place: GmailPlace) -> None:
        assert place.mailbox.refusal("eve@northwind.example") == "eve@northwind.example has no mailbox here"
        assert place.mailbox.refusal(ANA) == ""
        [made, refused] = place.mailbox.create_all([message(), message(sender="eve@northwind.example")])
        assert isinstance(made, str)
        assert isinstance(refused, UnreachableError)

    def test_ones_own_broken_login_does_not_stop_the_others(self, place: GmailPlace) -> None:
        place.logins[BEN] = place.login(BEN)
        place.server.tokens.revoke(BEN)
        try:
            assert BEN in place.mailbox.refusal(BEN)
            assert place.mailbox.refusal(ANA) == ""
            place.box().receive(KIM, "Offer")
            told = place.mailbox.correspondence({KIM: {ANA, BEN}})
            assert list(told[KIM].conversations) == [ANA]
        finally:
            place.server.tokens.restore(BEN)

    def test_the_main_login_does(self, place: GmailPlace) -> None:
        place.logins[BEN] = place.login(BEN)
        place.logins[ANA] = CredentialsError("log in again")
        mailbox = place.reopened()
        assert mailbox.capabilities.reads_mail
        assert mailbox.refusal(BEN) == ""
        for ask in (mailbox.check, lambda: mailbox.refusal(ANA), lambda: mailbox.correspondence({KIM: {ANA}})):
            with pytest.raises(CredentialsError, match="log in again"):
                ask()

    def test_a_login_that_may_not_make_drafts_is_told_what_to_do(self, google: GoogleServer) -> None:
        place = GmailPlace(google, (READ_MAIL, SHEETS_SCOPE))
        with pytest.raises(CredentialsError, match="fivestep login"):
            place.mailbox.check()

    def test_a_person_is_looked_for_in_every_owners_mailbox(self, place: GmailPlace) -> None:
        place.logins[BEN] = place.login(BEN)
        place.box().send(KIM, "From Ana", "…", at=place.now - dt.timedelta(days=3))
        place.box(BEN).receive(KIM, "To Ben", at=place.now - dt.timedelta(days=2))
        told = place.talk(KIM, ANA, BEN)
        assert (told.ours, told.theirs) == (dt.date(2026, 11, 20), dt.date(2026, 11, 21))
        assert told.they_wrote_last
        assert {owner: talk.subject for owner, talk in told.conversations.items()} == {ANA: "From Ana", BEN: "To Ben"}


class TestFates:
    def test_an_edited_one(self, place: GmailPlace) -> None:
        one, other = message(), message(subject="Another")
        ids = place.mailbox.create_all([one, other])
        place.edit(str(ids[0]), text="Dear Kim")
        place.edit(str(ids[1]), subject="Something else", keep_headers=True)
        for _ in range(2):
            assert [fate(place.reopened(), *pair) for pair in ((one, str(ids[0])), (other, str(ids[1])))] == [
                "edited"
            ] * 2

    @pytest.mark.parametrize("keep", [True, False])
    def test_a_sent_one_with_and_without_its_headers(self, place: GmailPlace, keep: bool) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        place.send(draft_id, keep_headers=keep)
        assert fate(place.reopened(), one, draft_id) == "sent"
        assert find(place.reopened(), one) is not None

    def test_an_edited_one_that_was_sent(self, place: GmailPlace) -> None:
        one, other = message(), message(to="lee@fabrikam.example")
        ids = [place.mailbox.create(one), place.mailbox.create(other)]
        place.edit(ids[0], text="Dear Kim")
        place.edit(ids[1], subject="Something else", keep_headers=True)
        for draft_id in ids:
            place.send(draft_id)
        assert [fate(place.reopened(), *pair) for pair in ((one, ids[0]), (other, ids[1]))] == ["sent", "sent"]

    def test_one_that_was_sent_and_then_thrown_away(self, place: GmailPlace) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        place.box().trash(place.send(draft_id, keep_headers=False).id)
        assert fate(place.reopened(), one, draft_id) == "sent"

    def test_a_mail_of_before_is_not_what_it_became(self, place: GmailPlace) -> None:
        place.box().send(KIM, "Your offer", "…", at=place.now - dt.timedelta(hours=1))
        one = message()
        draft_id = place.mailbox.create(one)
        place.delete(draft_id)
        assert fate(place.reopened(), one, draft_id) == "deleted"

    def test_nor_is_a_mail_to_somebody_else_or_about_something_else(self, place: GmailPlace) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        place.delete(draft_id)
        place.later(minutes=5)
        place.box().send("lee@fabrikam.example", "Your offer", "…")
        place.box().send(KIM, "Your order", "…")
        assert fate(place.reopened(), one, draft_id) == "deleted"

    def test_nor_is_another_draft_of_the_tool(self, place: GmailPlace) -> None:
        """The first was thrown away, and the next step of the sequence was sent under the same subject."""
        first, second = message(), message()
        first_id = place.mailbox.create(first)
        place.delete(first_id)
        place.later(days=3)
        second = second._replace(date=place.now)
        second_id = place.mailbox.create(second)
        place.send(second_id, keep_headers=False)
        asked = [known(first, first_id), known(second, second_id)]
        assert _traced(place.reopened(), asked) == [(first_id, "deleted"), (second_id, "sent")]

    @pytest.mark.parametrize("keep", [True, False])
    def test_one_that_was_sent_before_many_others(self, place: GmailPlace, keep: bool) -> None:
        one, gone = message(), message(to="lee@fabrikam.example")
        draft_id, gone_id = place.mailbox.create(one), place.mailbox.create(gone)
        place.send(draft_id, keep_headers=keep)
        place.delete(gone_id)
        for number in range(120):
            place.box().send(f"p{number}@contoso.example", "Hello", "…", at=place.later(minutes=1))
        asked = [known(one, draft_id), known(gone, gone_id)]
        assert _traced(place.reopened(), asked) == [(draft_id, "sent"), (gone_id, "deleted")]
        assert place.made("messages.get") < 110

    def test_one_sent_a_moment_ago_which_no_search_finds_yet(self, place: GmailPlace) -> None:
        place.server.gmail.index_lag = dt.timedelta(minutes=10)
        one = message()
        draft_id = place.mailbox.create(one)
        place.send(draft_id, keep_headers=False)
        assert fate(place.reopened(), one, draft_id) == "sent"

    def test_without_reading_it_is_unknown(self, google: GoogleServer) -> None:
        place = GmailPlace(google, (COMPOSE,))
        assert not place.mailbox.capabilities.reads_mail
        sent, deleted, kept = message(), message(), message()
        ids = [place.mailbox.create(one) for one in (sent, deleted, kept)]
        place.send(ids[0])
        place.delete(ids[1])
        told = [fate(place.mailbox, one, draft_id) for one, draft_id in zip((sent, deleted, kept), ids, strict=True)]
        assert told == ["unknown", "unknown", "created"]
        assert place.mailbox.correspondence({KIM: {ANA}}) == {}

    def test_where_reading_is_not_wanted_nothing_is_read(self, google: GoogleServer) -> None:
        place = GmailPlace(google, read_mail=False)
        one = message()
        draft_id = place.mailbox.create(one)
        place.delete(draft_id)
        assert fate(place.mailbox, one, draft_id) == "unknown"
        assert place.mailbox.correspondence({KIM: {ANA}}) == {}
        assert place.made("messages.list") + place.made("messages.get") == 0

    def test_a_mailbox_that_cannot_be_asked_now(self, place: GmailPlace) -> None:
        place.logins[BEN] = place.login(BEN)
        bens, anas = message(sender=BEN), message()
        ids = [place.mailbox.create(bens), place.mailbox.create(anas)]
        for fault in (NoAccountError("no mailbox"), CredentialsError("log in again")):
            place.logins[BEN] = fault
            asked = [known(bens, ids[0]), known(bens), known(anas, ids[1])]
            assert _traced(place.reopened(), asked) == [(ids[0], "unasked"), ("", "unasked"), (ids[1], "created")]

    def test_a_login_that_is_another_ones_by_now(self, place: GmailPlace) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        place.logins[ANA] = place.login(BEN)
        assert fate(place.reopened(), one, draft_id) == "unasked"

    def test_a_draft_of_another_kind_of_mailbox(self, place: GmailPlace) -> None:
        one = message()
        assert _traced(place.mailbox, [known(one, one.token)]) == [(one.token, "unasked")]

    def test_two_hundred_drafts_take_a_single_listing(self, place: GmailPlace) -> None:
        messages = [message(to=f"p{n}@contoso.example") for n in range(200)]
        ids = [one for begin in range(0, 200, 10) for one in place.mailbox.create_all(messages[begin : begin + 10])]
        place.server.calls.clear()
        asked = [known(one, str(draft_id)) for one, draft_id in zip(messages, ids, strict=True)]
        assert _traced(place.reopened(), asked) == [(draft_id, "created") for draft_id in ids]
        assert [call.method_id for call in place.server.calls if call.method_id.startswith("gmail")] == [
            "gmail.users.getProfile",
            "gmail.users.drafts.list",
        ]
        place.box().receive(KIM, "Offer", at=place.now - dt.timedelta(minutes=1))
        place.server.gmail.index_lag = dt.timedelta(minutes=10)
        assert place.talk().they_wrote_last


class TestOnce:
    """Whatever happens to a call, a draft is made once at most, and one that was made is known."""

    @pytest.mark.parametrize("kind", ["cut", "cut_body", "internal", "bad_gateway", "unavailable", "garbage"])
    def test_a_lost_answer_is_looked_for(self, place: GmailPlace, kind: str) -> None:
        place.server.faults.add(kind, method=CREATE, after=True)
        one = message()
        draft_id = place.mailbox.create(one)
        assert find(place.reopened(), one) == Found(draft_id, "created")
        assert (place.made("drafts.create"), place.count()) == (1, 1)

    @pytest.mark.parametrize("kind", ["cut", "internal", "unavailable"])
    def test_what_may_have_been_lost_on_the_way_is_not_asked_for_again(
        self, place: GmailPlace, kind: str, waits: list[float]
    ) -> None:
        place.server.faults.add(kind, method=CREATE, after=False)
        one = message()
        with pytest.raises(LostAnswerError):
            place.mailbox.create(one)
        assert (place.made("drafts.create"), place.count()) == (1, 0)
        assert sum(waits) >= 5
        assert find(place.reopened(), one) is None

    @pytest.mark.parametrize("after", [True, False])
    def test_a_part_of_a_batch_whose_answer_was_lost(self, place: GmailPlace, after: bool) -> None:
        place.server.faults.add("internal", method=CREATE, at=3, after=after)
        messages = [message(subject=f"Number {n}") for n in range(5)]
        made = place.mailbox.create_all(messages)
        assert [isinstance(one, str) for one in made] == [True, True, after, True, True]
        assert after or isinstance(made[2], LostAnswerError)
        assert place.made("drafts.create") == 5
        found = [find(place.reopened(), one) for one in messages]
        assert [one and one.draft_id for one in found] == [one if isinstance(one, str) else None for one in made]

    @pytest.mark.parametrize(("after", "count"), [(True, 4), (False, 0)])
    def test_a_whole_batch_whose_answer_was_lost(self, place: GmailPlace, after: bool, count: int) -> None:
        place.server.faults.add("cut", method="batch", after=after)
        messages = [message(subject=f"Number {n}") for n in range(4)]
        made = place.mailbox.create_all(messages)
        assert {type(one) for one in made} == {str if after else LostAnswerError}
        assert (place.made("drafts.create"), place.count()) == (count, count)

    def test_a_part_that_is_missing_in_the_answer(self, place: GmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = SessionHttp.request

        def without_the_second(self: SessionHttp, uri: str, *args: Any, **kwargs: Any) -> Any:
            head, body = asked(self, uri, *args, **kwargs)
            if "/batch" in uri:
                parts = body.split(b"--batch_answer\r\n")
                body = b"--batch_answer\r\n".join(parts[:2] + parts[3:])
            return head, body

        monkeypatch.setattr(SessionHttp, "request", without_the_second)
        messages = [message(subject=f"Number {n}") for n in range(2)]
        ids = place.mailbox.create_all(messages)
        monkeypatch.undo()
        assert place.made("drafts.create") == 2
        known_ids = [one for one in ids if isinstance(one, str)]
        assert all(isinstance(one, str | LostAnswerError) for one in ids)
        assert set(known_ids) <= {found.draft_id for one in messages if (found := find(place.reopened(), one))}

    @pytest.mark.parametrize("kind", ["quota", "rate_limit"])
    def test_parts_beyond_the_quota_are_asked_for_again(self, place: GmailPlace, kind: str, waits: list[float]) -> None:
        place.server.faults.add(kind, method=CREATE, at=2, times=4)
        messages = [message(subject=f"Number {n}") for n in range(6)]
        made = place.mailbox.create_all(messages)
        assert [find(place.reopened(), one) for one in messages] == [Found(str(one), "created") for one in made]
        assert (place.made("drafts.create"), place.count()) == (10, 6)
        assert len(waits) == 1

    def test_but_not_forever(self, place: GmailPlace, waits: list[float]) -> None:
        place.server.faults.add("quota", method=CREATE, times=None)
        made = place.mailbox.create_all([message(), message()])
        assert [type(one) for one in made] == [UnreachableError, UnreachableError]
        assert place.count() == 0
        assert 60 < sum(waits) < 150

    def test_one_alone_beyond_the_quota(self, place: GmailPlace) -> None:
        place.server.faults.add("quota", method=CREATE, times=2)
        place.mailbox.create(message())
        assert place.count() == 1

    def test_a_token_that_ran_out_in_between(self, place: GmailPlace) -> None:
        place.mailbox.create(message())
        place.server.tokens.expire_all()
        made = place.mailbox.create_all([message(), message(), message()])
        assert [type(one) for one in made] == [str] * 3
        assert place.count() == 4

    def test_a_login_that_was_withdrawn_in_between(self, place: GmailPlace) -> None:
        place.mailbox.check()
        _ = place.mailbox.capabilities
        place.server.tokens.revoke(ANA)
        try:
            made = place.mailbox.create_all([message(), message()])
        finally:
            place.server.tokens.restore(ANA)
        assert {type(one) for one in made} <= {UnreachableError, LostAnswerError}
        assert place.count() == 0

    def test_a_run_that_was_ended_before_it_had_the_answer(
        self, place: GmailPlace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(create, "_told", killed)
        one = message()
        with pytest.raises(KeyboardInterrupt):
            place.mailbox.create(one)
        found = find(place.reopened(), one)
        assert found is not None
        assert fate(place.reopened(), one, found.draft_id) == found.fate == "created"

    def test_of_which_a_person_has_edited_the_draft_since(self, place: GmailPlace) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        place.edit(draft_id, text="Dear Kim")
        found = find(place.reopened(), one)
        assert found is not None
        assert place_of(found.draft_id).draft == place_of(draft_id).draft
        assert fate(place.reopened(), one, found.draft_id) == found.fate == "edited"

    def test_a_draft_of_a_person_from_before_is_not_taken_for_it(self, place: GmailPlace) -> None:
        place.mailbox.create(message())
        [mine] = place.box().drafts
        place.edit(f"{ANA} {mine} x", text="Dear Kim")
        place.later(hours=1)
        assert place.reopened().trace([known(message()._replace(date=place.now))]) == [None]

    def test_all_of_it_when_nothing_can_be_reached(self, place: GmailPlace) -> None:
        place.mailbox.check()
        place.server.faults.add("unavailable", times=None)
        with pytest.raises(UnreachableError):
            place.reopened().trace([known(message())])
        with pytest.raises(UnreachableError):
            place.mailbox.correspondence({KIM: {ANA}})
        with pytest.raises(UnreachableError):
            place.reopened().check()

    def test_what_gmail_does_not_take_is_told(self, place: GmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(create, "as_eml", lambda *_, **__: b"To: kim\r\n\r\nHello")
        with pytest.raises(RefusedError, match="Invalid To header"):
            place.mailbox.create(message())

    def test_a_service_that_is_switched_off_is_told(self, place: GmailPlace, monkeypatch: pytest.MonkeyPatch) -> None:
        place.server.tokens.restore(ANA)
        place.logins[ANA] = place.login(ANA, (READ_MAIL,))
        with pytest.raises(UnreachableError, match="not allowed"):
            place.reopened().create(message())


def _traced(mailbox: GmailMailbox, asked: Sequence[Known]) -> list[tuple[str, Fate] | None]:
    """ID and fate of each; when it was sent is told elsewhere."""
    return [None if one is None else (one.draft_id, one.fate) for one in mailbox.trace(asked)]
