"""A run at Google: its calls and bytes however many the rows, its time beside gspread's alone, and drafts in batches.

Google is a server on this machine, in a process of its own: `tests/fakes/google`. What it takes itself is part of both
sides.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import gspread

import fivestep
from benchmarks.pipeline import COLUMNS, TODAY
from fivestep.config.settings.model import Settings
from fivestep.connectors.google.accounts import Accounts
from fivestep.connectors.mailbox import BatchMailbox, Message
from fivestep.connectors.registry import open_mailbox
from tests.fakes.google.client import evaluate

ANA = "ana@northwind.example"
LATENCY = 0.4
"""Seconds by which each answer is held back where the way to Google and back is to count."""

_ROOT = Path(__file__).resolve().parent.parent
_MAKE = """
from benchmarks.pipeline import table
scopes = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/gmail.compose",
          "https://www.googleapis.com/auth/gmail.readonly"]
book = server.sheets.add("Pipeline", table({rows}), tab="Deals", writers=["{who}"], row_count={rows} + 100)
result = [book.id, server.tokens.authorized_user("{who}", scopes)]
"""
_SETTINGS = """
[pipeline]
sheet = "https://docs.google.com/spreadsheets/d/{sheet}/edit"

[drafts]
to = "{to}"
from = "{who}"
per_run = 0

[google]
api_root = "{root}"

[columns]
"""


class Traffic(NamedTuple):
    """What one run cost."""

    reads: int
    writes: int
    megabytes: float


class Team:
    """A pipeline on the server."""

    def __init__(self, root: str, folder: Path, rows: int, to: str = "drafts/") -> None:
        self.root = root
        sheet, login = evaluate(root, _MAKE.format(rows=rows, who=ANA))
        folder.mkdir()
        (folder / "google-token.json").write_text(json.dumps(login), encoding="utf-8")
        columns = "".join(f"{field} = {json.dumps(header)}\n" for field, header in COLUMNS.items())
        text = _SETTINGS.format(sheet=sheet, to=to, who=ANA, root=root) + columns
        (folder / "fivestep.toml").write_text(text, encoding="utf-8")
        self.sheet = sheet
        self.settings: Settings = fivestep.load_settings(folder / "fivestep.toml")

    def run(self) -> None:
        """One whole run."""
        fivestep.run(self.settings, TODAY)

    def traffic(self) -> Traffic:
        """What a run costs at the server."""
        before = evaluate(self.root, "result = len(server.calls)")
        self.run()
        calls = evaluate(
            self.root, f"result = [[c.method_id, c.http, c.bytes_in + c.bytes_out] for c in server.calls[{before}:]]"
        )
        sheets = [call for call in calls if call[0].startswith("sheets.")]
        reads = sum(http == "GET" for _, http, _ in sheets)
        return Traffic(reads, len(sheets) - reads, sum(size for _, _, size in calls) / 1e6)

    def fetch(self) -> Sequence[Sequence[Any]]:
        """The same values, as somebody fetches them who has gspread alone."""
        session = Accounts(self.settings).main().session
        client = gspread.Client(None, session=session)  # type: ignore[arg-type]
        rows: Sequence[Sequence[Any]] = client.open_by_key(self.sheet).sheet1.get(
            value_render_option="UNFORMATTED_VALUE"
        )
        return rows


class Drafts:
    """Many drafts for one mailbox, ten at a time or one by one."""

    def __init__(self, team: Team, count: int) -> None:
        self._settings = team.settings
        self._count = count
        self._made = 0

    def in_batches(self) -> None:
        """As a run makes them."""
        mailbox = open_mailbox(self._settings)
        assert isinstance(mailbox, BatchMailbox)
        at_once = mailbox.at_once
        for _ in range(self._count // at_once):
            made = mailbox.create_all([self._message() for _ in range(at_once)])
            assert all(isinstance(one, str) for one in made)

    def one_by_one(self) -> None:
        """A call for each."""
        mailbox = open_mailbox(self._settings)
        for _ in range(self._count):
            mailbox.create(self._message())

    def _message(self) -> Message:
        self._made += 1
        n = self._made
        return Message(f"{n:032x}", f"D-{n}/1/1", f"D-{n}", ANA, f"p{n}@acme.example", "A question", "Hello\n",
                       "<p>Hello</p>\n", dt.datetime.now(dt.UTC))  # fmt: skip


def hold_back(root: str, seconds: float) -> None:
    """Let each of the server's answers come so much later from now on."""
    late = f'server.faults.add("slow", times=None, seconds={seconds})' if seconds else ""
    evaluate(root, f"server.faults.clear()\n{late}")


@contextmanager
def google() -> Iterator[str]:
    """The server's root, as long as the block lasts."""
    command = [sys.executable, "-m", "tests.fakes.google", "--port", "0"]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["root"])
        finally:
            process.terminate()
