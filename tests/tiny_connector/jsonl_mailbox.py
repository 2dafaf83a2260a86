"""A mailbox over one file: a draft a line, as JSON. A line that somebody removes is a draft that is gone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fivestep.connectors.mailbox import Fate, Found, MailboxCapabilities, Message
from fivestep.errors import UnreachableError
from fivestep.process.history import Correspondence


class JsonlMailbox:
    """`to = "jsonl:drafts.jsonl"`."""

    capabilities = MailboxCapabilities(reads_mail=False, tells_sent=False)

    def __init__(self, rest: str, folder: Path, options: Mapping[str, object]) -> None:
        self._path = folder / rest

    @property
    def name(self) -> str:
        return self._path.name

    def check(self) -> None:
        if not self._path.parent.is_dir():
            raise UnreachableError(f"the folder {self._path.parent} is not there; make it")

    def create(self, message: Message) -> str:
        draft = {**message._asdict(), "date": message.date.isoformat()}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(draft, ensure_ascii=False) + "\n")
        return message.token

    def find(self, message_token: str) -> Found | None:
        return Found(message_token, "created") if message_token in self._tokens() else None

    def fate(self, draft_id: str) -> Fate:
        return "created" if draft_id in self._tokens() else "unknown"

    def correspondence(self, people: Iterable[str]) -> Mapping[str, Correspondence]:
        return {}

    def _tokens(self) -> Iterator[str]:
        if self._path.exists():
            for line in self._path.read_text("utf-8").splitlines():
                yield json.loads(line)["token"]
