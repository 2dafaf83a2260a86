"""HTTP for every connector: what is tried again, how often a call may be made, and what a refusal means."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fivestep.connectors.system import stopping
from fivestep.connectors.system.http import ATTEMPTS_FAILING, ATTEMPTS_OVER_QUOTA, Pace
from fivestep.connectors.system.json_service import JsonService
from fivestep.errors import CredentialsError, LostAnswerError, SettingsError, StoppedError, UnreachableError


class Answer(NamedTuple):
    status: int = 200
    body: str = "{}"
    retry_after: str = ""


class Server:
    """A server on this machine: gives these answers in turn, and the last one again and again."""

    def __init__(self) -> None:
        self.answers: Sequence[Answer] = [Answer()]
        self.calls: list[tuple[str, str, dict[str, str], str]] = []
        """Method, path, headers and body."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                answer = server.answers[min(len(server.calls), len(server.answers) - 1)]
                server.calls.append((self.command, self.path, dict(self.headers), sent))
                self.send_response(answer.status)
                if answer.retry_after:
                    self.send_header("Retry-After", answer.retry_after)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body.encode())

            do_GET = do_POST = do_PATCH = _answer  # noqa: N815

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._http.server_port}/v1"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def service(server: Server, pauses: list[float]) -> JsonService:
    headers = {"Authorization": "Bearer secret"}
    return JsonService("The CRM", server.root, headers, again="make a new token", pause=pauses.append)


def test_a_call_carries_the_login_and_returns_the_answer(server: Server, service: JsonService) -> None:
    server.answers = [Answer(body='{"deals": [1]}')]
    assert service.get("/deals", page="2") == {"deals": [1]}
    assert service.patch("/deals/1", {"stage": "Pitch"}) == {"deals": [1]}
    (got, got_path, headers, _), (changed, changed_path, _, body) = server.calls
    assert (got, got_path, headers["Authorization"]) == ("GET", "/v1/deals?page=2", "Bearer secret")
    assert (changed, changed_path, json.loads(body)) == ("PATCH", "/v1/deals/1", {"stage": "Pitch"})


def test_a_login_in_a_file_of_this_machine_is_not_taken_instead(
    server: Server, service: JsonService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ana password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    service.get("/deals")
    assert server.calls[0][2]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("failing", [Answer(500), Answer(503), Answer(408), Answer(200, "<html>a proxy's page")])
def test_a_read_is_tried_again_and_has_an_end(
    server: Server, service: JsonService, pauses: list[float], failing: Answer
) -> None:
    server.answers = [failing, failing, Answer(body='{"deals": []}')]
    assert service.get("/deals") == {"deals": []}
    assert [1 <= first < 2 <= second < 4 for first, second in [pauses]] == [True]
    server.answers = [failing]
    with pytest.raises(UnreachableError, match=r"^The CRM (is out of order|gave an answer)"):
        service.get("/deals")
    assert len(server.calls) == 3 + ATTEMPTS_FAILING


@pytest.mark.parametrize("call", [lambda service: service.post("/deals", {}), lambda service: service.patch("/d", {})])
def test_what_changes_something_is_made_once(
    server: Server, service: JsonService, call: Callable[[JsonService], Any]
) -> None:
    server.answers = [Answer(502)]
    with pytest.raises(LostAnswerError, match="The CRM is out of order"):
        call(service)
    assert len(server.calls) == 1


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_too_many_calls_are_made_later_as_the_service_asks(
    server: Server, service: JsonService, pauses: list[float], method: str
) -> None:
    def call() -> Any:
        return service.get("/deals") if method == "GET" else service.patch("/deals", {})

    server.answers = [Answer(429, retry_after="17"), Answer(body="[]")]
    assert call() == []
    assert 17 <= pauses[0] <= 17 + 0.5 + 17 / 4
    server.calls.clear()
    server.answers = [Answer(429)]
    with pytest.raises(UnreachableError, match="too many calls"):
        call()
    assert len(server.calls) == ATTEMPTS_OVER_QUOTA


def test_nobody_there(server: Server, service: JsonService, pauses: list[float]) -> None:
    server.close()
    with pytest.raises(UnreachableError, match=r"^The CRM can't be reached \(no connection\); try again later$"):
        service.patch("/deals", {})
    assert len(pauses) == 3


@pytest.mark.parametrize(
    ("answer", "fault", "said"),
    [
        (Answer(401, '{"error": "unknown token"}'), CredentialsError, "the login (unknown token): make a new token"),
        (Answer(403, '{"error": {"message": "read only"}}'), CredentialsError, "(read only): make a new token"),
        (Answer(404, '{"message": "no table"}'), SettingsError, "has nothing at /deals (no table)"),
        (Answer(422, '{"error": {"type": "INVALID"}}'), UnreachableError, "refused GET /deals (422: INVALID)"),
        (Answer(400, "<html>"), UnreachableError, "(400: no reason given)"),
    ],
)
def test_a_refusal_says_what_to_mend(
    server: Server, service: JsonService, answer: Answer, fault: type[Exception], said: str
) -> None:
    server.answers = [answer]
    with pytest.raises(fault) as caught:
        service.get("/deals")
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert len(server.calls) == 1


@pytest.mark.parametrize("root", ["http://crm.example/v1", "crm.example", "ftp://crm.example", ""])
def test_a_login_goes_nowhere_without_encryption(root: str) -> None:
    with pytest.raises(SettingsError, match="The CRM"):
        JsonService("The CRM", root, {}, again="")


def test_calls_are_spaced_evenly() -> None:
    now, waits = [100.0], list[float]()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    pace = Pace(5, wait, lambda: now[0])
    for _ in range(3):
        pace()
    now[0] += 10
    pace()
    assert waits == pytest.approx([0.2, 0.2])


def test_the_wish_to_stop_is_heeded_before_a_call(
    server: Server, service: JsonService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "stop_if_asked", _stopped)
    with pytest.raises(StoppedError):
        service.get("/deals")
    assert server.calls == []


def _stopped() -> None:
    raise StoppedError("stopped")
