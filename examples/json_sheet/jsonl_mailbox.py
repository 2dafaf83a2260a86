"""A mailbox over one file: a draft a line, as JSON. A line that somebody removes is a draft that is gone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from fivestep.connectors.mailbox import Correspondence, Found, Known, MailboxCapabilities, Message, UnreachableError


class JsonlMailbox:
    """`to = "jsonl:drafts.jsonl"`."""

    capabilities = MailboxCapabilities(reads_mail=False)

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

    def refusal(self, sender: str) -> str:
        return ""

    def trace(self, drafts: Sequence[Known]) -> list[Found | None]:
        tokens = set(self._tokens())
        gone = {draft.token: Found(draft.token, "unknown") if draft.draft_id else None for draft in drafts}
        return [Found(d.token, "created") if d.token in tokens else gone[d.token] for d in drafts]

    def correspondence(self, people: Mapping[str, Collection[str]]) -> Mapping[str, Correspondence]:
        return {}

    def _tokens(self) -> Iterator[str]:
        if self._path.exists():
            for line in self._path.read_text("utf-8").splitlines():
                yield json.loads(line)["token"]
