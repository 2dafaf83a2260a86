"""The server beside recordings of Google: the same requests in the same order, and which answers agree.

`python -m tests.fakes.google.recordings FOLDER` prints how many agree for each endpoint, and those that do not.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.fakes.google import client
from tests.fakes.google.discovery import find_method, methods
from tests.fakes.google.server import GoogleServer

ACCOUNT = "telegram-budgeter@telegram-budgeter.iam.gserviceaccount.com"
"""Who made the recordings; the name stands in answers about protected ranges."""

NAMES = ("id", "spreadsheetId", "sheetId", "namedRangeId", "protectedRangeId")
"""Fields whose values Google makes up: what it made up is taken for what the server did from then on."""

VOLATILE = {
    "createdTime": "the time of the recording",
    "modifiedTime": "the time of the recording",
    "pixelSize": "the width that a text takes in Google's fonts",
}
"""Fields that cannot agree, and why; whether they are there is compared all the same."""

DIFFERENCES: Mapping[tuple[str, str], str] = {
    (
        "drive.v2.files.update",
        "ClientTest.test_import_csv",
    ): "Drive v2 answers with fifty fields; the server, with four",
}
"""Answers that differ and stay so: the endpoint and the recording, and why."""


@dataclass(frozen=True)
class Exchange:
    """A request as it was recorded, and what Google answered."""

    recording: str
    number: int
    http: str
    url: str
    body: str | None
    kind: str
    status: int
    answer: Any


@dataclass
class Outcome:
    """How the server's answer to one of them compares."""

    exchange: Exchange
    endpoint: str
    status: int
    answer: Any
    expected: Any

    @property
    def agrees(self) -> bool:
        return self.status == self.exchange.status and self.answer == self.expected

    @property
    def explained(self) -> bool:
        return (self.endpoint, self.exchange.recording) in DIFFERENCES

    def __str__(self) -> str:
        place = f"{self.exchange.recording}[{self.exchange.number}] {self.exchange.http} {self.exchange.url}"
        return (
            f"{place}\n  Google {self.exchange.status}: {json.dumps(self.expected)[:1500]}\n"
            f"  server {self.status}: {json.dumps(self.answer)[:1500]}"
        )


@dataclass
class Names:
    """What the recording calls things, and what the server calls them."""

    pairs: dict[str, str] = field(default_factory=dict)

    def learn(self, recorded: Any, answered: Any) -> None:
        """Pair the names in two answers that have the same shape."""
        if isinstance(recorded, dict) and isinstance(answered, dict):
            for key in recorded.keys() & answered.keys():
                if key in NAMES and str(recorded[key]) not in self.pairs and recorded[key] != 0:
                    self.pairs[str(recorded[key])] = str(answered[key])
                else:
                    self.learn(recorded[key], answered[key])
        elif isinstance(recorded, list) and isinstance(answered, list):
            for one, other in zip(recorded, answered, strict=False):
                self.learn(one, other)

    def translated(self, text: str) -> str:
        """A text of the recording in the server's names."""
        if not self.pairs:
            return text
        known = "|".join(sorted(map(re.escape, self.pairs), key=len, reverse=True))
        return re.sub(rf"(?<![\w-])(?:{known})(?![\w-])", lambda match: self.pairs[match[0]], text)


def exchanges(path: Path) -> Iterator[Exchange]:
    """What a recording holds."""
    for number, recorded in enumerate(json.loads(path.read_text("utf-8"))["interactions"]):
        request, response = recorded["request"], recorded["response"]
        kind = (request["headers"].get("Content-Type") or ["application/json"])[0]
        text = response["body"]["string"]
        answer = json.loads(text) if text.startswith("{") else text
        status = response["status"]["code"]
        yield Exchange(path.stem, number, request["method"], request["uri"], request["body"], kind, status, answer)


def replayed(path: Path) -> list[Outcome]:
    """Every request of a recording, sent to a server of its own."""
    with GoogleServer() as server:
        scopes = {scope for method in methods() for scope in method.scopes}
        session = client.session(server.root, server.tokens.access(ACCOUNT, scopes))
        names = Names()
        outcomes = []
        with session:
            for sitting in sittings(path):
                _leave_behind(sitting, server)
                outcomes += [_outcome(exchange, session, names) for exchange in sitting]
        return outcomes


def sittings(path: Path) -> list[list[Exchange]]:
    """A recording's parts: it was made anew at times, and what came of it put behind what was there."""
    found: list[list[Exchange]] = [[]]
    for exchange in exchanges(path):
        if exchange.http == "POST" and found[-1] and found[-1][-1].http == "DELETE":
            found.append([])
        found[-1].append(exchange)
    return found


def _leave_behind(sitting: list[Exchange], server: GoogleServer) -> None:
    """Give the account the spreadsheets that it had from before: those that are listed and were not made here."""
    server.sheets.books.clear()
    made = {exchange.answer["id"] for exchange in sitting if exchange.http == "POST" and "id" in exchange.answer}
    for exchange in sitting:
        if endpoint(exchange) == "drive.files.list":
            for file in reversed(exchange.answer["files"]):
                if file["id"] not in made | server.sheets.books.keys():
                    book = server.sheets.add(file["name"], owner=ACCOUNT)
                    server.sheets.books[file["id"]] = server.sheets.books.pop(book.id)
                    book.id = file["id"]


def _outcome(exchange: Exchange, session: requests.Session, names: Names) -> Outcome:
    body = names.translated(exchange.body).encode() if exchange.body else None
    url = names.translated(exchange.url)
    response = session.request(exchange.http, url, data=body, headers={"Content-Type": exchange.kind})
    is_json = response.headers["Content-Type"].startswith("application/json")
    answer = response.json() if is_json else response.text
    names.learn(exchange.answer, answer)
    expected = json.loads(names.translated(json.dumps(exchange.answer)))
    return Outcome(exchange, endpoint(exchange), response.status_code, _steady(answer), _steady(expected))


def endpoint(exchange: Exchange) -> str:
    """The method that a recorded request calls."""
    parts = urlsplit(exchange.url)
    found = find_method(parts.netloc, exchange.http, parts.path.lstrip("/"))
    return found[0].id if found else f"{exchange.http} {parts.path}?{dict(parse_qsl(parts.query))}"


def _steady(answer: Any) -> Any:
    """An answer without what changes from one time to the next."""
    if isinstance(answer, dict):
        return {key: "…" if key in VOLATILE else _steady(value) for key, value in answer.items()}
    return [_steady(item) for item in answer] if isinstance(answer, list) else answer


def agreement(outcomes: list[Outcome]) -> dict[str, tuple[int, int]]:
    """For each endpoint, how many answers agree and how many there are."""
    found: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        agreed, of = found.get(outcome.endpoint, (0, 0))
        found[outcome.endpoint] = (agreed + outcome.agrees, of + 1)
    return dict(sorted(found.items()))


def table(outcomes: list[Outcome]) -> str:
    """The agreement as lines of text, and the differences that nothing explains."""
    lines = [f"{name:45} {agreed:4} of {of:4}" for name, (agreed, of) in agreement(outcomes).items()]
    lines += [str(outcome) for outcome in outcomes if not outcome.agrees and not outcome.explained]
    return "\n".join(lines)


if __name__ == "__main__":
    found = [outcome for path in sorted(Path(sys.argv[1]).glob("*.json")) for outcome in replayed(path)]
    sys.stdout.write(table(found) + "\n")
