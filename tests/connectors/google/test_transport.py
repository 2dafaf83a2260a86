"""The one way to Google: what is tried again, how often and after how long, and what is never done twice."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from google.auth.compute_engine import _metadata

from fivestep.connectors.google.quota import OwnMemory, Quota
from fivestep.connectors.google.session import SearchRequest, plain_session
from fivestep.connectors.google.transport import GoogleTransport
from fivestep.connectors.mailboxes.gmail.api import GmailApi
from fivestep.connectors.system import http
from fivestep.connectors.system.http import LONGEST, TIME_LIMIT
from fivestep.errors import CredentialsError, LostAnswerError, UnreachableError
from tests.fakes.certificates import own_certificate, serving
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.server import GoogleServer
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google_calls import ANA, GMAIL_API, SHEETS_API, Way, way_to

GET, UPDATE, TOKEN = "sheets.spreadsheets.get", "sheets.spreadsheets.values.batchUpdate", "oauth2.token"
LONGEST_WAIT = 32.0
FAILING = ["internal", "bad_gateway", "unavailable", "garbage"]
CUT = ["cut", "cut_body"]
OVER_QUOTA = ["rate_limit", "quota"]


@pytest.fixture(scope="module")
def running() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


@pytest.fixture
def server(running: GoogleServer) -> GoogleServer:
    running.faults.clear()
    running.faults.happened.clear()
    running.before = None
    return running


@pytest.fixture
def book(server: GoogleServer) -> Spreadsheet:
    return server.sheets.add("Pipeline", [["Deal"], ["Acme"]], tab="Deals", writers=[ANA])


@pytest.fixture
def way(server: GoogleServer) -> Way:
    return way_to(server)


def write(way: Way, book: Spreadsheet) -> requests.Response:
    body = {"valueInputOption": "RAW", "data": [{"range": "Deals!A2", "values": [["written"]]}]}
    return way.post(f"{SHEETS_API}/{book.id}/values:batchUpdate", body)


def is_written(book: Spreadsheet) -> bool:
    return bool(book.tabs[0].value(1, 0) == "written")


def waits_of(number: int) -> list[float]:
    """The waits before jitter: twice as long each time."""
    return [min(2.0**n, LONGEST_WAIT) for n in range(number)]


def assert_jittered(pauses: list[float], waits: list[float]) -> None:
    assert len(pauses) == len(waits)
    for pause, wait in zip(pauses, waits, strict=True):
        assert wait <= pause <= wait + 0.5 + wait / 4


# Reading is tried again


@pytest.mark.parametrize("kind", [*FAILING, *CUT, *OVER_QUOTA])
def test_a_read_is_tried_again(server: GoogleServer, way: Way, book: Spreadsheet, kind: str) -> None:
    server.faults.add(kind, method=GET, times=2)
    assert way.get(f"{SHEETS_API}/{book.id}").json()["spreadsheetId"] == book.id
    assert len(server.of(GET)) == 3
    assert_jittered(way.pauses, waits_of(2))


@pytest.mark.parametrize(
    ("kinds", "tries", "word"),
    [
        (FAILING[:1], 6, "Google Sheets is out of order (it answered 500)"),
        (FAILING[1:2], 6, "Google Sheets is out of order (it answered 502)"),
        (FAILING[2:3], 6, "Google Sheets is out of order (it answered 503)"),
        (FAILING[3:], 6, "Google Sheets gave an answer that can't be read"),
        (CUT[:1], 4, "Google Sheets did not answer (the connection was cut)"),
        (CUT[1:], 4, "Google Sheets did not answer (the connection was cut)"),
        (OVER_QUOTA[:1], 8, "Google Sheets has had too many calls by this login for now"),
        (OVER_QUOTA[1:], 8, "Google Sheets has had too many calls by this login for now"),
    ],
)
def test_trying_again_has_an_end(
    server: GoogleServer, way: Way, book: Spreadsheet, kinds: list[str], tries: int, word: str
) -> None:
    server.faults.add(kinds[0], method=GET, times=None)
    with pytest.raises(UnreachableError) as caught:
        way.get(f"{SHEETS_API}/{book.id}")
    assert str(caught.value).startswith(word)
    assert "again" in str(caught.value)
    assert len(server.of(GET)) == tries
    assert_jittered(way.pauses, waits_of(tries - 1))


@pytest.mark.parametrize("kind", ["rate_limit", "quota", "unavailable", "internal"])
def test_google_says_in_seconds_when_to_come_again(
    server: GoogleServer, way: Way, book: Spreadsheet, kind: str
) -> None:
    server.faults.add(kind, method=GET, retry_after=17)
    assert way.get(f"{SHEETS_API}/{book.id}").ok
    assert_jittered(way.pauses, [17.0])


def test_google_says_by_a_date_when_to_come_again(server: GoogleServer, way: Way, book: Spreadsheet) -> None:
    server.faults.add("rate_limit", method=GET, retry_after="date", seconds=40)
    assert way.get(f"{SHEETS_API}/{book.id}").ok
    [pause] = way.pauses
    assert 38 <= pause <= 40 + 0.5 + 40 / 4


@pytest.mark.parametrize(
    "told",
    ["", "soon", "-5", "1.5", "²", "Wed, 99 Foo 2026 99:99:99 GMT", "Fri, 1 Jan 99999999999999999999 00:00:00 GMT"],
)
def test_what_says_nothing_sensible_about_coming_again_counts_as_nothing(
    server: GoogleServer, way: Way, book: Spreadsheet, told: str
) -> None:
    server.faults.add("rate_limit", method=GET, retry_after=told)
    assert way.get(f"{SHEETS_API}/{book.id}").ok
    assert_jittered(way.pauses, [1.0])


def test_a_date_that_is_past_means_at_once(server: GoogleServer, way: Way, book: Spreadsheet) -> None:
    past = format_datetime(dt.datetime(2020, 1, 1, tzinfo=dt.UTC), usegmt=True)
    server.faults.add("rate_limit", method=GET, retry_after=past)
    assert way.get(f"{SHEETS_API}/{book.id}").ok
    assert_jittered(way.pauses, [0.0])


@pytest.mark.parametrize("told", [151, 86_400, 10**40])
def test_nobody_waits_beyond_the_longest(server: GoogleServer, way: Way, book: Spreadsheet, told: int) -> None:
    server.faults.add("rate_limit", method=GET, retry_after=str(told), times=None)
    with pytest.raises(UnreachableError, match="too many calls"):
        way.get(f"{SHEETS_API}/{book.id}")
    assert (len(server.of(GET)), way.pauses) == (1, [])


def test_all_waits_together_stay_below_the_longest(
    server: GoogleServer, way: Way, book: Spreadsheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock goes on by what was waited, as it does outside of tests."""
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + sum(way.pauses))
    server.faults.add("rate_limit", method=GET, retry_after=60, times=None)
    with pytest.raises(UnreachableError):
        way.get(f"{SHEETS_API}/{book.id}")
    assert len(way.pauses) >= 1
    assert sum(way.pauses) <= LONGEST


def test_waits_differ_between_callers(server: GoogleServer, way: Way, book: Spreadsheet) -> None:
    server.faults.add("internal", method=GET, times=5)
    assert way.get(f"{SHEETS_API}/{book.id}").ok
    server.faults.add("internal", method=GET, times=5)
    assert way.get(f"{SHEETS_API}/{book.id}").ok
    assert len(set(way.pauses)) == 10


def test_refusals_are_for_the_caller_and_not_tried_again(server: GoogleServer, way: Way) -> None:
    for status, reason in ((400, "badRequest"), (403, "forbidden"), (404, "notFound"), (409, "aborted")):

        def refuse(_call: object, status: int = status, reason: str = reason) -> None:
            raise GoogleError(status, reason, "No.")

        server.calls.clear()
        server.before = refuse
        assert way.get(f"{SHEETS_API}/nothing").status_code == status
        assert len(server.calls) == 1
    assert way.pauses == []


def test_an_answer_without_content_is_whole(server: GoogleServer, way: Way) -> None:
    made = way.post(f"{GMAIL_API}/drafts", {"message": {"raw": "U3ViamVjdDogeA0KDQp4"}}).json()
    assert way.session.delete(f"{GMAIL_API}/drafts/{made['id']}").status_code == 204


# What changes something is done once


@pytest.mark.parametrize("kind", OVER_QUOTA)
def test_a_write_over_the_quota_was_not_done_and_is_tried_again(
    server: GoogleServer, way: Way, book: Spreadsheet, kind: str
) -> None:
    server.faults.add(kind, method=UPDATE, times=3)
    assert write(way, book).ok
    assert is_written(book)
    assert len(server.of(UPDATE)) == 4


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", [*FAILING, *CUT])
def test_a_write_whose_answer_is_lost_is_never_repeated(
    server: GoogleServer, way: Way, book: Spreadsheet, kind: str, after: bool
) -> None:
    server.faults.add(kind, method=UPDATE, after=after, times=None)
    with pytest.raises(LostAnswerError, match="not known"):
        write(way, book)
    assert (len(server.of(UPDATE)), way.pauses, is_written(book)) == (1, [], after)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_method_that_changes_something_is_repeated(server: GoogleServer, way: Way, method: str) -> None:
    server.faults.add("internal", times=None)
    with pytest.raises(LostAnswerError):
        way.session.request(method, f"{GMAIL_API}/drafts/r1")
    assert len(server.calls) == 1


# The time limit


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TIME_LIMIT == (10.0, 60.0)
    monkeypatch.setattr(http, "TIME_LIMIT", (0.15, 0.15))


@pytest.mark.usefixtures("patience")
def test_a_read_that_takes_too_long_is_tried_again(server: GoogleServer, way: Way, book: Spreadsheet) -> None:
    server.faults.add("slow", method=GET, seconds=0.4)
    assert way.get(f"{SHEETS_API}/{book.id}").ok
    server.faults.add("slow", method=GET, seconds=0.4, times=None)
    server.calls.clear()
    with pytest.raises(UnreachableError, match="it took too long"):
        way.get(f"{SHEETS_API}/{book.id}", timeout=60)  # the caller's own limit does not count
    assert len(server.of(GET)) == 4


@pytest.mark.usefixtures("patience")
def test_a_write_that_takes_too_long_may_have_been_done(server: GoogleServer, way: Way, book: Spreadsheet) -> None:
    server.faults.add("slow", method=UPDATE, seconds=0.4, times=None)
    with pytest.raises(LostAnswerError, match="it took too long"):
        write(way, book)
    assert len(server.of(UPDATE)) == 1
    assert is_written(book)


@pytest.mark.usefixtures("patience")
def test_an_answer_that_stops_in_the_middle_is_not_waited_for(book: Spreadsheet) -> None:
    """The head of the answer comes at once, and the body never."""

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":')

    with listening(answer) as root:
        way = Way(root, {"client_id": "c", "client_secret": "s", "refresh_token": "r"})
        way.credentials.token, way.credentials.expiry = "t", None
        with pytest.raises(UnreachableError, match="did not answer"):
            way.get(f"{SHEETS_API}/{book.id}")
    assert len(way.pauses) == 3


class listening:  # noqa: N801 - a context manager
    """A server on loopback of which each connection is handed to `answer` and then left open."""

    def __init__(self, answer: Callable[[socket.socket], Any]) -> None:
        self._answer = answer
        self._open: list[socket.socket] = []

    def __enter__(self) -> str:
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            self._answer(connection)

    def __exit__(self, *_error: object) -> None:
        for one in (*self._open, self._socket):
            one.close()


def test_nobody_there_is_certainly_nothing_done(book: Spreadsheet) -> None:
    """A write, too, may be tried again where no connection was made."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    way = Way(f"http://127.0.0.1:{port}", {"client_id": "c", "client_secret": "s", "refresh_token": "r"})
    way.credentials.token, way.credentials.expiry = "t", None
    with pytest.raises(UnreachableError, match=r"^Google Sheets can't be reached \(no connection\); try again later$"):
        write(way, book)
    assert_jittered(way.pauses, waits_of(3))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_certificate(tmp_path_factory.mktemp("tls"))


def by_tls(root: str, verify: Path | bool) -> Way:
    way = Way(
        root.replace("http://127.0.0.1", "https://localhost"),
        {"client_id": "c", "client_secret": "s", "refresh_token": "r"},
    )
    way.credentials.token, way.credentials.expiry = "t", None
    way.session.verify, way.session.trust_env = str(verify) if isinstance(verify, Path) else verify, False
    return way


def test_a_damaged_answer_to_a_write_may_stand_for_one_that_was_done(book: Spreadsheet, certificate: Path) -> None:
    """TLS notices a record that is broken on its way back, after Google has done what was asked."""
    done = []

    def answer(connection: socket.socket) -> None:
        tls = serving(certificate).wrap_socket(connection, server_side=True)
        done.append(tls.recv(65536).split(b" ")[0])
        with socket.socket(fileno=tls.detach()) as bare:
            bare.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)

    with listening(answer) as root:
        way = by_tls(root, certificate)
        with pytest.raises(LostAnswerError, match="the connection was cut"):
            write(way, book)
        assert done == [b"POST"]
        with pytest.raises(UnreachableError, match="the connection was cut"):
            way.get(f"{SHEETS_API}/{book.id}")
    assert done == [b"POST", *[b"GET"] * 4]


def test_a_certificate_that_is_not_trusted_stops_a_write_before_it_is_sent(
    book: Spreadsheet, certificate: Path
) -> None:
    def answer(connection: socket.socket) -> None:
        with suppress(OSError):
            serving(certificate).wrap_socket(connection, server_side=True)

    with listening(answer) as root, pytest.raises(UnreachableError, match="certificate is not trusted here"):
        write(by_tls(root, verify=True), book)


# Batches


def drafts_of(server: GoogleServer, number: int) -> list[str]:
    box = server.gmail.mailbox(ANA)
    box.drafts.clear()
    way = way_to(server)
    for _ in range(number):
        assert way.post(f"{GMAIL_API}/drafts", {"message": {"raw": "U3ViamVjdDogeA0KDQp4"}}).ok
    server.calls.clear()
    return list(box.drafts)


@pytest.mark.parametrize("kind", ["internal", "bad_gateway", "cut", "cut_body"])
def test_a_batch_of_reads_is_repeated(server: GoogleServer, way: Way, kind: str) -> None:
    ids = drafts_of(server, 3)
    server.faults.add(kind, method="batch")
    assert set(GmailApi(way.session, ANA, "again").draft_refs(ids)) == set(ids)
    assert len(server.of("batch")) == 2
    assert len(way.pauses) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", ["internal", "bad_gateway", "cut", "cut_body"])
def test_a_batch_that_makes_something_is_not(server: GoogleServer, way: Way, kind: str, after: bool) -> None:
    from fivestep.connectors.mailboxes.gmail.api import NewDraft

    drafts_of(server, 0)
    server.faults.add(kind, method="batch", after=after, times=None)
    made = GmailApi(way.session, ANA, "again").create_drafts([NewDraft(b"Subject: x\r\n\r\nx", "")] * 2)
    assert [type(one) for one in made] == [LostAnswerError] * 2
    assert len(server.of("batch")) == 1
    assert len(server.gmail.mailbox(ANA).drafts) == (2 if after else 0)
    assert way.pauses == []


def test_a_batch_that_only_speaks_of_making_something_is_repeated(server: GoogleServer, way: Way) -> None:
    """The method stands at the beginning of a part's line; in a search it says nothing."""
    server.faults.add("internal", method="batch")
    found = GmailApi(way.session, ANA, "again").search(["subject:POST /drafts", "DELETE me"], 5)
    assert [one.ids for one in found] == [(), ()]
    assert len(server.of("batch")) == 2


# The login


@pytest.mark.parametrize("kind", ["internal", "bad_gateway", "cut", "cut_body", "garbage"])
def test_asking_for_a_token_is_repeated(server: GoogleServer, book: Spreadsheet, kind: str) -> None:
    way = way_to(server)
    way.credentials.token = None
    server.faults.add(kind, method=TOKEN, times=2)
    assert way.get(f"{SHEETS_API}/{book.id}").ok
    assert len(server.of(TOKEN)) == 3
    assert_jittered(way.pauses, waits_of(2))


def test_a_token_endpoint_that_is_down_is_out_of_reach_and_no_fault_of_the_login(
    server: GoogleServer, way: Way, book: Spreadsheet
) -> None:
    way.credentials.token = None
    server.tokens.down = True
    try:
        with pytest.raises(UnreachableError, match="try again later"):
            way.get(f"{SHEETS_API}/{book.id}")
    finally:
        server.tokens.down = False
    assert len(server.of(TOKEN)) == 6
    assert server.of(GET) == []


@pytest.mark.parametrize("call", [lambda way, book: way.get(f"{SHEETS_API}/{book.id}"), write])
def test_a_token_that_ran_out_is_renewed_once_and_the_call_made(
    server: GoogleServer, way: Way, book: Spreadsheet, call: Callable[[Way, Spreadsheet], requests.Response]
) -> None:
    server.tokens.expire_all()
    assert call(way, book).ok
    assert [one.status for one in server.calls if one.method_id != TOKEN] == [401, 200]
    assert len(server.of(TOKEN)) == 1
    assert way.pauses == []


def test_a_login_that_is_refused_again_and_again_ends(server: GoogleServer, way: Way, book: Spreadsheet) -> None:
    server.faults.add("unauthorized", method=UPDATE, times=None)
    assert write(way, book).status_code == 401
    assert len(server.of(TOKEN)) <= 2
    assert not is_written(book)


def test_a_login_that_was_taken_back_is_one_to_renew(server: GoogleServer, way: Way, book: Spreadsheet) -> None:
    server.tokens.revoke(ANA)
    try:
        with pytest.raises(CredentialsError, match="run `fivestep login`"):
            way.get(f"{SHEETS_API}/{book.id}")
    finally:
        server.tokens.restore(ANA)
    assert way.pauses == []


# The count


def test_every_request_is_counted_in_one_place(server: GoogleServer, way: Way, book: Spreadsheet) -> None:
    server.tokens.expire_all()
    server.faults.add("internal", method=GET, times=2)
    assert way.get(f"{SHEETS_API}/{book.id}").ok
    assert way.get(f"{GMAIL_API}/profile").ok
    hosts = [call.path.partition("/")[0] for call in server.calls]
    assert way.counted == {host: hosts.count(host) for host in hosts}
    assert way.counted == {"sheets.googleapis.com": 4, "oauth2.googleapis.com": 1, "gmail.googleapis.com": 1}


# The cloud


@responses.activate
def test_what_tells_a_machine_in_the_cloud_who_it_is_speaks_no_json() -> None:
    """As google-auth asks for it, which looks at a header alone."""
    responses.get("http://169.254.169.254", "computeMetadata/\n", headers={"Metadata-Flavor": "Google"})
    transport = GoogleTransport("", Quota(OwnMemory()), Counter(), pause=pytest.fail)
    assert _metadata.ping(SearchRequest(plain_session(transport)))
