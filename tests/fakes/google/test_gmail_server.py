"""The test server's Gmail: that it behaves as Gmail does where a tool that writes drafts could be hurt by it."""

from __future__ import annotations

import base64
import datetime as dt
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import httplib2
import pytest
import requests
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from tests.fakes.google.answers import Caller, GoogleError
from tests.fakes.google.client import session
from tests.fakes.google.gmail_box import Box
from tests.fakes.google.gmail_message import Message
from tests.fakes.google.gmail_service import Gmail
from tests.fakes.google.server import GoogleServer

ANA = "ana@northwind.example"
BEN = "Ben Ito <ben.ito@contoso.example>"
SCOPES = "https://www.googleapis.com/auth/gmail."
NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


class World:
    """Gmail with Ana's mailbox, and a clock that stands still."""

    def __init__(self) -> None:
        self.now = NOON
        self.gmail = Gmail(clock=lambda: self.now)
        self.box: Box = self.gmail.mailbox(ANA)
        self.scopes = {"modify"}
        self.spent = 0.0

    def call(self, method: str, body: Any = None, **params: Any) -> Any:
        caller = Caller(ANA, frozenset(SCOPES + scope for scope in self.scopes))
        return self.gmail.call(f"gmail.users.{method}", {"userId": "me", **params}, body, caller)

    def refusal(self, method: str, body: Any = None, **params: Any) -> tuple[int, str, str]:
        with pytest.raises(GoogleError) as caught:
            self.call(method, body, **params)
        return caught.value.status, caught.value.reason, caught.value.message

    def draft(self, raw: bytes | str, **message: Any) -> Any:
        return self.call("drafts.create", {"message": {"raw": encoded(raw), **message}})

    def reply(self, to: Message, subject: str, **message: Any) -> Any:
        """A draft that answers `to` by its headers."""
        headers = f"To: ben.ito@contoso.example\nIn-Reply-To: {to.message_id}\nReferences: {to.message_id}\n"
        return self.draft(f"{headers}Subject: {subject}\nX-Token: 17\n\nHello", **message)

    def found(self, q: str, **params: Any) -> list[str]:
        """The subjects of what a query finds, newest first."""
        answer = self.call("messages.list", q=q, **params)
        return [self.box.messages[each["id"]].subject for each in answer.get("messages", [])]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def crowded() -> World:
    """A mailbox of ten thousand, and `spent`, the seconds that it took to fill it."""
    world = World()
    begin = time.perf_counter()
    for number in range(10_000):
        world.box.receive(f"p{number}@contoso.example", str(number), at=ago(minutes=number % 7000))
    world.spent = time.perf_counter() - begin
    return world


def encoded(raw: bytes | str) -> str:
    return base64.urlsafe_b64encode(raw.encode() if isinstance(raw, str) else raw).decode()


def headers_of(message: Any) -> dict[str, str]:
    return {each["name"]: each["value"] for each in message["payload"]["headers"]}


def ago(**span: float) -> dt.datetime:
    return NOON - dt.timedelta(**span)


NOT_FOUND = (404, "notFound", "Requested entity was not found.")
PLAIN = "To: ben.ito@contoso.example\nSubject: Your offer\nX-Token: 17\nMessage-ID: <mine@tool.example>\n\nHello Ben"


class TestDrafts:
    def test_one_is_made_read_listed_and_deleted(self, world: World) -> None:
        made = world.draft(PLAIN)
        message = made["message"]
        assert made["id"].startswith("r")
        assert message == {"id": message["id"], "threadId": message["id"], "labelIds": ["DRAFT"]}
        assert world.call("drafts.list")["drafts"] == [
            {"id": made["id"], "message": {"id": message["id"], "threadId": message["threadId"]}}
        ]
        assert world.call("drafts.get", id=made["id"], format="minimal")["message"]["snippet"] == "Hello Ben"
        assert world.call("drafts.delete", id=made["id"]) is None
        assert world.refusal("drafts.get", id=made["id"]) == NOT_FOUND
        assert world.refusal("messages.get", id=message["id"]) == NOT_FOUND
        assert world.refusal("drafts.delete", id=made["id"]) == NOT_FOUND
        assert "drafts" not in world.call("drafts.list")
        assert not world.box.drafts
        assert not world.box.threads

    def test_the_message_id_is_gmails_and_other_headers_are_the_clients(self, world: World) -> None:
        headers = headers_of(world.call("drafts.get", id=world.draft(PLAIN)["id"])["message"])
        assert headers["Message-ID"].endswith("@mail.gmail.com>")
        assert (headers["X-Token"], headers["From"]) == ("17", ANA)
        world.gmail.replaces_message_ids = False
        kept = headers_of(world.call("drafts.get", id=world.draft(PLAIN)["id"])["message"])
        assert kept["Message-ID"] == "<mine@tool.example>"

    def test_headers_stay_in_their_order_and_new_ones_come_first(self, world: World) -> None:
        world.draft("To: a@x.example\nFROM: boss@x.example\nMessage-Id: <mine@tool.example>\nX-A: long\n  one\n\nHello")
        [message] = world.box.drafts.values()
        assert [field.name for field in message.fields] == ["Date", "To", "From", "Message-ID", "X-A"]
        assert message.header("x-a") == "long  one"
        assert message.raw.endswith(b"X-A: long\r\n  one\r\n\r\nHello")

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("Boss <boss@northwind.example>", "Ana Sommer <ana@northwind.example>"),
            ("Ana <ANA@northwind.example>", "Ana <ANA@northwind.example>"),
            ("sales@northwind.example", "sales@northwind.example"),
        ],
    )
    def test_the_sender_is_the_account_or_an_alias(self, world: World, written: str, kept: str) -> None:
        world.box.set_signature("", display_name="Ana Sommer")
        world.box.set_signature("", "sales@northwind.example", is_default=False)
        world.draft(f"From: {written}\nSubject: x\n\n")
        [message] = world.box.drafts.values()
        assert message.sender == kept
        assert message.raw.lower().count(b"\r\nfrom:") + message.raw.lower().startswith(b"from:") == 1

    @pytest.mark.parametrize(
        ("to", "said"),
        [
            ("ben", "Invalid To header"),
            ("ben@contoso", "Invalid To header"),
            ('Ben Ito:")" <ben@contoso.example>', "Invalid To header"),
            ("ben@contoso.example, x", "Invalid To header"),
            ("", None),
            ("undisclosed-recipients:;", None),
            ("=?utf-8?q?Ito=2C_Ben?= <ben@contoso.example>, eva@x.example", None),
        ],
    )
    def test_recipients_are_addresses_or_missing(self, world: World, to: str, said: str | None) -> None:
        body = {"message": {"raw": encoded(f"To: {to}\nSubject: x\n\n")}}
        if said:
            assert world.refusal("drafts.create", body) == (400, "invalidArgument", said)
            assert not world.box.drafts
        else:
            assert world.call("drafts.create", body)["id"]

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({}, "Missing draft message"),
            ({"message": {}}, "'raw' RFC822 payload"),
            ({"message": {"raw": "a*b"}}, "Base64 decoding failed"),
            ({"message": {"raw": "abcde"}}, "Base64 decoding failed"),
            ({"message": {"raw": "QQ" * (24 * 2**20)}}, "Request payload size exceeds the limit: 36700160 bytes."),
        ],
    )
    def test_what_is_no_mail_is_refused(self, world: World, body: Any, said: str) -> None:
        status, _, message = world.refusal("drafts.create", body)
        assert status == 400
        assert said in message

    def test_both_alphabets_and_no_padding_will_do(self, world: World) -> None:
        raw = "Subject: ÿþ?~\n\n~~~???".encode()
        for data in (base64.b64encode(raw), base64.urlsafe_b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"=")):
            world.call("drafts.create", {"message": {"raw": data.decode()}})
        assert {message.raw.partition(b"\r\n\r\n")[2] for message in world.box.drafts.values()} == {b"~~~???"}

    def test_an_update_keeps_the_id_and_changes_the_message(self, world: World) -> None:
        made = world.draft(PLAIN)
        updated = world.call(
            "drafts.update", {"message": {"raw": encoded(PLAIN.replace("Hello", "Dear"))}}, id=made["id"]
        )
        assert updated["id"] == made["id"]
        assert updated["message"]["id"] != made["message"]["id"]
        assert updated["message"]["threadId"] == made["message"]["threadId"]
        assert world.refusal("messages.get", id=made["message"]["id"]) == NOT_FOUND
        assert len(world.box.messages) == 1

    def test_an_update_without_the_thread_leaves_the_conversation(self, world: World) -> None:
        asked = world.box.receive(BEN, "Your offer")
        made = world.reply(asked, "Re: Your offer", threadId=asked.thread_id)
        raw = encoded(world.box.drafts[made["id"]].raw)
        kept = world.call("drafts.update", {"message": {"raw": raw, "threadId": asked.thread_id}}, id=made["id"])
        assert kept["message"]["threadId"] == asked.thread_id
        lost = world.call("drafts.update", {"message": {"raw": raw}}, id=made["id"])
        assert lost["message"]["threadId"] != asked.thread_id

    def test_ids_are_the_same_every_time(self) -> None:
        assert [World().draft(PLAIN) for _ in range(2)] == [World().draft(PLAIN)] * 2


class TestThreads:
    @pytest.mark.parametrize(
        ("subject", "refers", "asks", "joins"),
        [
            ("Re: Your offer", True, True, True),
            ("RE: AW:  your  OFFER", True, True, True),
            ("Re: Your other offer", True, True, False),
            ("Re: Your offer", False, True, False),
            ("Re: Your offer", True, False, False),
        ],
    )
    def test_a_draft_joins_if_all_of_it_fits(
        self, world: World, subject: str, refers: bool, asks: bool, joins: bool
    ) -> None:
        asked = world.box.receive(BEN, "Your offer")
        elsewhere = world.box.receive(BEN, subject, headers={"Message-ID": "<else@where.example>"})
        made = world.reply(asked if refers else elsewhere, subject, **({"threadId": asked.thread_id} if asks else {}))
        message = made["message"]
        assert message["threadId"] == (asked.thread_id if joins else message["id"])

    def test_a_thread_that_is_not_there_is_not_found(self, world: World) -> None:
        raw = encoded(PLAIN)
        there = {"message": {"raw": raw, "threadId": "18c0000000ffffff"}}
        assert world.refusal("drafts.create", there) == NOT_FOUND
        strange = {"message": {"raw": raw, "threadId": "r-17"}}
        assert world.refusal("drafts.create", strange) == (400, "invalidArgument", "Invalid thread_id value")
        assert not world.box.drafts

    def test_a_thread_holds_its_messages_oldest_first_with_drafts(self, world: World) -> None:
        asked = world.box.receive(BEN, "Your offer", at=ago(days=2))
        sent = world.box.send("ben.ito@contoso.example", "Re: Your offer", "Yes", reply_to=asked, at=ago(days=1))
        draft = world.reply(sent, "Re: Your offer", threadId=asked.thread_id)
        late = world.box.receive(BEN, "Re: Your offer", reply_to=asked, at=ago(days=1, hours=12))
        other = world.box.receive(BEN, "Something else", reply_to=asked, at=ago(days=1))
        thread = world.call("threads.get", id=asked.thread_id, format="minimal")
        ids = [message["id"] for message in thread["messages"]]
        assert ids == [asked.id, late.id, sent.id, draft["message"]["id"]]
        assert thread["messages"][-1]["labelIds"] == ["DRAFT"]
        listed = world.call("threads.list")
        assert [each["id"] for each in listed["threads"]] == [asked.thread_id, other.id]
        assert listed["threads"][0]["historyId"] == thread["historyId"]
        assert world.call("threads.list", q="from:ben.ito@contoso.example subject:else")["threads"][0]["id"] == other.id
        assert world.refusal("threads.get", id="18c0000000ffffff") == NOT_FOUND

    def test_a_chain_of_references_is_enough(self, world: World) -> None:
        first = world.box.receive(BEN, "Your offer")
        second = world.box.send("ben.ito@contoso.example", "Re: Your offer", "Yes", reply_to=first)
        third = world.box.receive(BEN, "Re: Your offer", reply_to=second, headers={"In-Reply-To": ""})
        assert third.header("References") == f"{first.message_id} {second.message_id}"
        assert world.box.threads == {first.id: [first, second, third]}


class TestPeople:
    def test_sending_a_draft_makes_another_message(self, world: World) -> None:
        asked = world.box.receive(BEN, "Your offer", at=ago(days=1))
        made = world.reply(asked, "Re: Your offer", threadId=asked.thread_id)
        before = world.box.drafts[made["id"]].message_id
        sent = world.box.send_draft(made["id"], at=NOON + dt.timedelta(hours=1))
        assert world.refusal("drafts.get", id=made["id"]) == NOT_FOUND
        assert world.refusal("messages.get", id=made["message"]["id"]) == NOT_FOUND
        assert world.call("messages.list", labelIds=["SENT"])["messages"] == [
            {"id": sent.id, "threadId": asked.thread_id}
        ]
        assert sent.message_id != before
        assert sent.header("X-Token") == "17"
        assert sent.header("Date") == "Mon, 23 Nov 2026 13:00:00 +0000"
        assert world.box.threads[asked.thread_id] == [asked, sent]

    def test_sending_may_strip_headers(self, world: World) -> None:
        sent = world.box.send_draft(world.draft(PLAIN)["id"], keep_headers=False)
        assert not sent.header("X-Token")
        assert sent.subject == "Your offer"

    @pytest.mark.parametrize(
        ("change", "same_thread", "token"),
        [
            ({"text": "Dear Ben\n\nbye"}, True, ""),
            ({"text": "Dear Ben", "keep_headers": True}, True, "17"),
            ({"subject": "Re: Your offer"}, True, ""),
            ({"subject": "Our offer"}, False, ""),
        ],
    )
    def test_editing_in_the_web_page(self, world: World, change: dict[str, Any], same_thread: bool, token: str) -> None:
        made = world.draft(PLAIN)
        edited = world.box.edit_draft(made["id"], **change)
        assert world.call("drafts.get", id=made["id"])["message"]["id"] == edited.id != made["message"]["id"]
        assert (edited.thread_id == made["message"]["threadId"]) is same_thread
        assert edited.header("X-Token") == token
        assert edited.subject == change.get("subject", "Your offer")
        assert edited.text.replace("\r\n", "\n").strip() == change.get("text", "Hello Ben")
        assert len(world.box.messages) == len(world.box.threads) == 1

    def test_trash_and_archive(self, world: World) -> None:
        kept, gone = world.box.receive(BEN, "kept"), world.box.receive(BEN, "gone")
        world.box.archive(kept.id)
        world.box.trash(gone.id)
        assert world.found("") == ["kept"]
        assert world.found("in:inbox") == []
        assert world.found("", includeSpamTrash=True) == world.found("in:anywhere") == ["gone", "kept"]
        assert world.found("in:trash") == world.found("", labelIds=["TRASH"]) == ["gone"]
        assert world.found("-in:trash") == ["kept"]
        assert [each["id"] for each in world.call("threads.list")["threads"]] == [kept.id]

    def test_signatures_are_those_of_the_addresses(self, world: World) -> None:
        world.box.set_signature("<b>Ana</b>", display_name="Ana Sommer")
        world.box.set_signature("Sales", "sales@northwind.example")
        own, alias = world.call("settings.sendAs.list")["sendAs"]
        assert own == {
            "sendAsEmail": ANA,
            "displayName": "Ana Sommer",
            "replyToAddress": "",
            "signature": "<b>Ana</b>",
            "isPrimary": True,
            "isDefault": False,
        }
        assert alias["isDefault"]
        assert (alias["verificationStatus"], alias["treatAsAlias"]) == ("accepted", True)
        assert world.call("settings.sendAs.get", sendAsEmail="sales@northwind.example") == alias
        assert world.refusal("settings.sendAs.get", sendAsEmail="x@northwind.example") == NOT_FOUND

    def test_a_time_needs_its_zone(self, world: World) -> None:
        with pytest.raises(ValueError, match="time zone"):
            world.box.receive(BEN, "x", at=dt.datetime(2026, 11, 23))  # noqa: DTZ001


class TestLists:
    def test_newest_first_by_the_internal_date(self, world: World) -> None:
        for day in (3, 1, 2):
            world.box.receive(BEN, f"{day} days old", at=ago(days=day))
        world.draft("Subject: draft\n\n")
        assert world.found("") == ["draft", "1 days old", "2 days old", "3 days old"]

    def test_nothing_is_no_list(self, world: World) -> None:
        for method in ("messages.list", "threads.list", "drafts.list"):
            assert world.call(method, q="from:nobody@x.example") == {"resultSizeEstimate": 0}

    def test_pages_stand_still_when_mail_comes_and_goes(self, world: World) -> None:
        for number in range(7):
            world.box.receive(BEN, str(number))
        first = world.call("messages.list", maxResults=3)
        world.box.receive(BEN, "new")
        world.box.trash(first["messages"][2]["id"])
        second = world.call("messages.list", maxResults=3, pageToken=first["nextPageToken"])
        last = world.call("messages.list", maxResults=3, pageToken=second["nextPageToken"])
        ids = [each["id"] for page in (first, second, last) for each in page["messages"]]
        assert [world.box.messages[message_id].subject for message_id in ids] == list("6543210")
        assert "nextPageToken" not in last
        assert world.refusal("messages.list", pageToken="x") == (400, "invalidArgument", "Invalid pageToken")

    def test_all_labels_have_to_match(self, world: World) -> None:
        world.box.receive(BEN, "both", labels=("INBOX", "Big deals"))
        world.box.receive(BEN, "one")
        label = next(each for each in world.call("labels.list")["labels"] if each["name"] == "Big deals")
        assert label["type"] == "user"
        assert world.found("", labelIds=["INBOX", label["id"]]) == world.found("label:big-deals") == ["both"]
        assert world.call("labels.get", id="INBOX")["messagesTotal"] == 2
        assert world.refusal("messages.list", labelIds=["Big deals"])[2] == "Invalid label: Big deals"

    def test_the_search_index_lags_and_labels_do_not(self, world: World) -> None:
        world.gmail.index_lag = dt.timedelta(minutes=5)
        world.draft(PLAIN)
        assert world.found("subject:offer") == []
        assert world.found("", labelIds=["DRAFT"]) == ["Your offer"]
        assert world.call("drafts.list", q="offer") == {"resultSizeEstimate": 0}
        assert len(world.call("drafts.list")["drafts"]) == 1
        world.now += dt.timedelta(minutes=5)
        assert world.found("subject:offer") == ["Your offer"]


class TestManyMessages:
    @pytest.mark.slow
    def test_they_are_no_burden(self, crowded: World) -> None:
        begin = time.perf_counter()
        assert crowded.found("from:p77@contoso.example") == ["77"]
        for _ in range(20):
            answer = crowded.call("messages.list", labelIds=["INBOX"])
            crowded.call("messages.get", id=answer["messages"][0]["id"])
            crowded.call("threads.list", labelIds=["INBOX"])
        assert time.perf_counter() - begin < crowded.spent

    def test_a_page_has_100_and_never_more_than_500_and_the_estimate_gives_up(self, crowded: World) -> None:
        assert len(crowded.call("messages.list")["messages"]) == 100
        page = crowded.call("messages.list", maxResults=5000)
        assert (len(page["messages"]), page["resultSizeEstimate"]) == (500, 201)
        assert len(crowded.call("threads.list", maxResults=502)["threads"]) == 500


class TestQueries:
    @pytest.fixture
    def mail(self, world: World) -> World:
        receive = world.box.receive
        receive(BEN, "Dinner", "with a movie", at=ago(days=40), to=f"Ana <{ANA}>, eva@x.example")
        receive("eva@x.example", "Movie night", "popcorn", at=ago(days=3), cc="team@northwind.example")
        receive("x.ben.ito@contoso.example", "Spring", "Grüße", at=ago(hours=30), labels=("SPAM",))
        receive("news@contoso.example", "Autumn report", "", html="<p>all <b>fine</b></p>", at=ago(hours=20))
        world.box.send("ben.ito@contoso.example", "Re: Dinner", "gladly", at=ago(hours=2))
        world.draft("To: eva@x.example\nBcc: boss@northwind.example\nSubject: Draft\nMessage-ID: <m@x>\n\nsoon")
        world.box.archive(world.box.receive("old@x.example", "Read", at=ago(days=800)).id)
        return world

    @pytest.mark.parametrize(
        ("q", "subjects"),
        [
            ("from:ben.ito@contoso.example", ["Dinner"]),
            ("from:<BEN.ITO@contoso.example>", ["Dinner"]),
            ("from:ito@contoso.example", []),
            ("from:contoso.example", ["Autumn report", "Dinner"]),
            ("from:@contoso.example", ["Autumn report", "Dinner"]),
            ("from:toso.example", []),
            ("from:ben.ito@contoso", []),
            ('from:"ben ito"', ["Dinner"]),
            ("from:Ito", ["Dinner"]),
            ("from:me", ["Draft", "Re: Dinner"]),
            ("to:eva@x.example", ["Draft", "Dinner"]),
            ("to:team@northwind.example", ["Movie night"]),
            ("to:me -cc:team@northwind.example newer_than:1y", ["Autumn report", "Dinner"]),
            ("cc:team", ["Movie night"]),
            ("bcc:boss@northwind.example", ["Draft"]),
            ("{from:eva@x.example to:eva@x.example}", ["Draft", "Movie night", "Dinner"]),
            ("from:eva@x.example OR to:eva@x.example", ["Draft", "Movie night", "Dinner"]),
            ("from:(eva@x.example OR news)", ["Autumn report", "Movie night"]),
            ("from:{eva news}", ["Autumn report", "Movie night"]),
            ("movie from:eva OR from:ben", ["Movie night", "Dinner"]),
            ("subject:(night movie)", ["Movie night"]),
            ('subject:"night movie"', []),
            ('"movie night"', ["Movie night"]),
            ("movie", ["Movie night", "Dinner"]),
            ("mov", []),
            ("movie -popcorn", ["Dinner"]),
            ("movie -(popcorn OR night)", ["Dinner"]),
            ("fine", ["Autumn report"]),
            ("in:sent", ["Re: Dinner"]),
            ("in:drafts", ["Draft"]),
            ("in:spam", ["Spring"]),
            ("-in:trash contoso", ["Re: Dinner", "Autumn report", "Dinner"]),
            ("in:chats", []),
            ("in:anywhere contoso", ["Re: Dinner", "Autumn report", "Spring", "Dinner"]),
            ("is:unread in:inbox", ["Autumn report", "Movie night", "Dinner"]),
            ("is:read -in:drafts", ["Re: Dinner"]),
            ("label:unread -in:inbox", ["Read"]),
            ("newer_than:1d -in:drafts", ["Re: Dinner", "Autumn report"]),
            ("older_than:1m", ["Dinner", "Read"]),
            ("older_than:2y", ["Read"]),
            ("older_than:99999999d", []),
            ("after:2026/13/45", []),
            ("after:2026/11/20 before:2026/11/22", ["Movie night"]),
            (f"after:{int(ago(hours=3).timestamp())}", ["Draft", "Re: Dinner"]),
            ("nonsense:report", []),
            ("in:nowhere", []),
            ("from:", ["Draft", "Re: Dinner", "Autumn report", "Movie night", "Dinner", "Read"]),
            ('((subject:"spring" OR dinner', ["Re: Dinner", "Dinner"]),
        ],
    )
    def test_a_query_finds(self, mail: World, q: str, subjects: list[str]) -> None:
        assert mail.found(q) == subjects

    def test_by_message_id(self, mail: World) -> None:
        message = next(iter(mail.box.messages.values()))
        for q in (f"rfc822msgid:{message.message_id}", f"rfc822msgid:{message.message_id.strip('<>')}"):
            assert mail.found(q) == ["Dinner"]
        assert mail.found("rfc822msgid:nobody@x.example") == []

    def test_dates_begin_at_midnight_in_california(self, world: World) -> None:
        world.box.receive(BEN, "late", at=dt.datetime(2026, 11, 20, 7, 59, tzinfo=dt.UTC))
        assert world.found("before:2026/11/20") == ["late"]
        assert world.found("after:2026/11/20") == []


class TestFormats:
    @pytest.fixture
    def mail(self, world: World) -> Message:
        letter = EmailMessage()
        letter["Subject"] = "Grüße & mehr"
        letter["To"] = "Zoë <zoe@x.example>"
        letter.set_content("It's äll <fine>\n")
        letter.add_alternative("<p>fine</p>", subtype="html")
        letter.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="offer.pdf")
        return world.box.drafts[world.draft(letter.as_bytes())["id"]]

    def test_full(self, world: World, mail: Message) -> None:
        got = world.call("messages.get", id=mail.id)
        assert got["snippet"] == "It&#39;s äll &lt;fine&gt;"
        assert got["internalDate"] == str(int(NOON.timestamp() * 1000))
        assert got["sizeEstimate"] == len(mail.raw)
        assert headers_of(got)["Subject"] == "Grüße & mehr"
        assert headers_of(got)["To"] == "Zoë <zoe@x.example>"
        body, attachment = got["payload"]["parts"]
        plain, html = body["parts"]
        assert (got["payload"]["mimeType"], got["payload"]["body"]) == ("multipart/mixed", {"size": 0})
        assert (plain["partId"], plain["mimeType"], html["mimeType"]) == ("0.0", "text/plain", "text/html")
        assert base64.urlsafe_b64decode(plain["body"]["data"]).decode().strip() == "It's äll <fine>"
        assert (attachment["filename"], attachment["body"]["size"]) == ("offer.pdf", 4)
        assert "data" not in attachment["body"]
        assert world.found("has:attachment") == [mail.subject]

    def test_metadata_gives_the_headers_that_were_asked_for(self, world: World, mail: Message) -> None:
        got = world.call("messages.get", id=mail.id, format="metadata", metadataHeaders=["subject", "Date"])
        assert got["payload"] == {
            "mimeType": "multipart/mixed",
            "headers": [
                {"name": "Date", "value": "Mon, 23 Nov 2026 12:00:00 +0000"},
                {"name": "Subject", "value": "Grüße & mehr"},
            ],
        }
        assert "To" in headers_of(world.call("messages.get", id=mail.id, format="metadata"))

    def test_minimal_and_raw(self, world: World, mail: Message) -> None:
        minimal = world.call("messages.get", id=mail.id, format="minimal")
        raw = world.call("messages.get", id=mail.id, format="raw")
        assert set(raw) - set(minimal) == {"raw"}
        assert base64.urlsafe_b64decode(raw["raw"]) == mail.raw
        assert b"\n" not in mail.raw.replace(b"\r\n", b"")

    def test_what_people_write_is_a_mail(self, world: World) -> None:
        received = world.box.receive("Zoë <zoe@x.example>", "Grüße", "schön", html="<i>schön</i>")
        sent = world.box.send("Zoë <zoe@x.example>", "Ünd", "a < b")
        assert (received.sender, received.subject) == ("Zoë <zoe@x.example>", "Grüße")
        assert (received.text, received.html) == ("schön", "<i>schön</i>")
        assert (sent.to, sent.text) == ("Zoë <zoe@x.example>", "a < b")
        assert "a &lt; b" in sent.html
        assert received.raw.isascii()
        assert sent.raw.isascii()


class TestRefusals:
    def test_ids(self, world: World) -> None:
        assert world.refusal("messages.get", id="18c0000000ffffff") == NOT_FOUND
        assert world.refusal("messages.get", id="r-17") == (400, "invalidArgument", "Invalid id value")

    def test_another_mailbox(self, world: World) -> None:
        world.gmail.mailbox("ben@northwind.example").receive(BEN, "secret")
        said = (403, "forbidden", f"Delegation denied for {ANA}")
        assert world.refusal("messages.list", userId="ben@northwind.example") == said
        assert world.call("getProfile", userId=ANA.upper())["emailAddress"] == ANA
        assert world.call("getProfile")["messagesTotal"] == 0

    def test_a_service_account_has_no_mailbox(self, world: World) -> None:
        robot = Caller("robot@tool.iam.gserviceaccount.com", frozenset())
        with pytest.raises(GoogleError) as caught:
            world.gmail.call("gmail.users.getProfile", {"userId": "me"}, None, robot)
        assert (caught.value.status, caught.value.reason) == (400, "failedPrecondition")

    def test_the_metadata_scope_searches_nothing_and_shows_no_body(self, world: World) -> None:
        message = world.box.receive(BEN, "Your offer")
        no_query = (403, "forbidden", "Metadata scope does not support 'q' parameter")
        no_body = (403, "forbidden", "Metadata scope doesn't allow format FULL")
        for world.scopes in ({"metadata"}, {"metadata", "modify"}):
            assert world.refusal("messages.list", q="") == no_query
            assert world.refusal("messages.get", id=message.id) == no_body
            assert world.refusal("threads.get", id=message.id) == no_body
            assert world.call("messages.get", id=message.id, format="metadata")["id"] == message.id
            assert world.call("messages.list", labelIds=["INBOX"])["messages"]
        world.gmail.metadata_scope_wins = False
        assert world.found("offer") == ["Your offer"]

    def test_labels_that_are_gmails_own(self, world: World) -> None:
        message = world.box.receive(BEN, "x")
        for label in ("SENT", "DRAFT", "nonsense"):
            said = world.refusal("messages.modify", {"addLabelIds": [label]}, id=message.id)
            assert said == (400, "invalidArgument", f"Invalid label: {label}")
        changed = world.call(
            "messages.modify", {"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}, id=message.id
        )
        assert changed["labelIds"] == ["INBOX", "STARRED"]
        assert world.call("messages.trash", id=message.id)["labelIds"] == ["STARRED", "TRASH"]
        assert world.call("messages.untrash", id=message.id)["labelIds"] == ["STARRED"]

    def test_an_unknown_method(self, world: World) -> None:
        assert world.refusal("watch")[0] == 501


class TestSending:
    def test_the_api_can_send_so_that_a_test_can_see_that_it_was_not_asked_to(self, world: World) -> None:
        made = world.draft(PLAIN)
        sent = world.call("drafts.send", {"id": made["id"]})
        assert (sent["labelIds"], sent["threadId"]) == (["SENT"], made["message"]["threadId"])
        assert world.box.messages[sent["id"]].header("X-Token") == "17"
        assert world.refusal("drafts.send", {"id": made["id"]}) == NOT_FOUND
        other = world.call("messages.send", {"raw": encoded(PLAIN)})
        assert other["labelIds"] == ["SENT"]
        assert other["threadId"] == other["id"]

    def test_nobody_to_send_to(self, world: World) -> None:
        said = (400, "invalidArgument", "Recipient address required")
        made = world.draft("Subject: x\n\n")
        assert world.refusal("drafts.send", {"id": made["id"]}) == said
        assert world.refusal("messages.send", {"raw": encoded("Subject: x\n\n")}) == said
        assert made["id"] in world.box.drafts


class TestHistory:
    def test_it_tells_what_came_and_went(self, world: World) -> None:
        start = world.call("getProfile")["historyId"]
        message = world.box.receive(BEN, "x")
        world.box.archive(message.id)
        draft = world.draft(PLAIN)
        world.box.send_draft(draft["id"])
        answer = world.call("history.list", startHistoryId=start)
        kinds = [next(kind for kind in record if kind not in {"id", "messages"}) for record in answer["history"]]
        assert kinds == ["messagesAdded", "labelsRemoved", "messagesAdded", "messagesAdded", "messagesDeleted"]
        assert answer["historyId"] == answer["history"][-1]["id"] == world.call("getProfile")["historyId"]
        assert answer["history"][1]["labelsRemoved"][0]["labelIds"] == ["INBOX"]
        sent = world.call("history.list", startHistoryId=start, historyTypes=["messageAdded"], labelId="SENT")
        assert [each["messagesAdded"][0]["message"]["labelIds"] for each in sent["history"]] == [["SENT"]]
        assert "history" not in world.call("history.list", startHistoryId=answer["historyId"])

    def test_pages(self, world: World) -> None:
        start = world.call("getProfile")["historyId"]
        for number in range(3):
            world.box.receive(BEN, str(number))
        first = world.call("history.list", startHistoryId=start, maxResults=2)
        rest = world.call("history.list", startHistoryId=start, maxResults=2, pageToken=first["nextPageToken"])
        assert (len(first["history"]), len(rest["history"])) == (2, 1)
        assert "nextPageToken" not in rest

    def test_what_is_too_old_is_not_found(self, world: World) -> None:
        start = world.call("getProfile")["historyId"]
        world.box.receive(BEN, "x")
        world.box.store.history.forget()
        assert world.refusal("history.list", startHistoryId=start) == NOT_FOUND
        assert world.refusal("history.list", startHistoryId="99999999") == NOT_FOUND
        for wrong in ({}, {"startHistoryId": "soon"}):
            assert world.refusal("history.list", **wrong)[2] == "Missing/invalid parameter: startHistoryId"
        assert world.refusal("history.list", startHistoryId="1", pageToken="x")[2] == "Invalid pageToken"


class Wire:
    """What google-api-python-client speaks through, over a session of requests."""

    def __init__(self, made: requests.Session) -> None:
        self.session = made

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> Any:
        answer = self.session.request(method, uri, data=body, headers=headers)
        said = {name: value for name, value in answer.headers.items() if name.lower() != "content-encoding"}
        return httplib2.Response({**said, "status": str(answer.status_code)}), answer.content


class TestOverHttp:
    """The same mailboxes behind the server, called as the tool calls them."""

    @pytest.fixture
    def server(self) -> Iterator[GoogleServer]:
        with GoogleServer() as server:
            yield server

    def users(self, server: GoogleServer, *scopes: str) -> Any:
        login = server.tokens.authorized_user(ANA, [SCOPES + scope for scope in scopes])
        credentials = Credentials.from_authorized_user_info(login)
        with session(server.root) as made:
            credentials.refresh(Request(made))
        wire = Wire(session(server.root, credentials.token))
        return build("gmail", "v1", http=wire, static_discovery=True).users()

    def test_a_draft_from_its_making_to_its_sending(self, server: GoogleServer) -> None:
        users = self.users(server, "modify")
        asked = server.gmail.mailbox(ANA).receive(BEN, "Your offer", "When?")
        raw = f"In-Reply-To: {asked.message_id}\nSubject: Re: Your offer\nTo: ben.ito@contoso.example\n\nSoon"
        body = {"message": {"raw": encoded(raw), "threadId": asked.thread_id}}
        made = users.drafts().create(userId="me", body=body).execute()
        thread = users.threads().get(userId="me", id=asked.thread_id).execute()
        assert [each["snippet"] for each in thread["messages"]] == ["When?", "Soon"]
        assert users.drafts().list(userId="me").execute()["drafts"][0]["id"] == made["id"]
        sent = server.gmail.mailbox(ANA).send_draft(made["id"])
        with pytest.raises(HttpError) as caught:
            users.drafts().get(userId="me", id=made["id"]).execute()
        assert (caught.value.status_code, caught.value.reason) == (404, "Requested entity was not found.")
        assert caught.value.error_details[0]["reason"] == "notFound"
        found = users.messages().list(userId="me", q="in:sent to:ben.ito@contoso.example").execute()
        assert found["messages"] == [{"id": sent.id, "threadId": asked.thread_id}]
        assert not server.of("gmail.users.drafts.send")
        assert not server.of("gmail.users.messages.send")

    def test_an_id_with_a_minus_and_an_answer_without_a_body(self, server: GoogleServer) -> None:
        users = self.users(server, "compose")
        made = users.drafts().create(userId="me", body={"message": {"raw": encoded(PLAIN)}}).execute()
        assert made["id"].startswith("r-")
        assert users.drafts().delete(userId="me", id=made["id"]).execute() == ""
        assert not server.gmail.mailbox(ANA).drafts
        with pytest.raises(HttpError, match="insufficient authentication scopes"):
            users.messages().list(userId="me").execute()

    def test_repeated_parameters_and_pages(self, server: GoogleServer) -> None:
        users = self.users(server, "metadata")
        for number in range(3):
            server.gmail.mailbox(ANA).receive(BEN, str(number))
        asked: dict[str, Any] = {"userId": ANA, "labelIds": ["INBOX", "UNREAD"], "maxResults": 2}
        first = users.messages().list(**asked).execute()
        # Not list_next: the client library's refuses an address in which a parameter is repeated.
        rest = users.messages().list(**asked, pageToken=first["nextPageToken"]).execute()
        assert (len(first["messages"]), len(rest["messages"])) == (2, 1)
        got = users.messages().get(
            userId="me", id=rest["messages"][0]["id"], format="metadata", metadataHeaders=["From", "Subject"]
        )
        assert headers_of(got.execute()) == {"From": BEN, "Subject": "0"}
        with pytest.raises(HttpError, match="does not support 'q'"):
            users.messages().list(userId="me", q="x").execute()

    def test_sending_is_seen(self, server: GoogleServer) -> None:
        users = self.users(server, "compose")
        made = users.drafts().create(userId="me", body={"message": {"raw": encoded(PLAIN)}}).execute()
        users.drafts().send(userId="me", body={"id": made["id"]}).execute()
        assert [call.status for call in server.of("gmail.users.drafts.send")] == [200]
