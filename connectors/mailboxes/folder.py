"""The mailbox that needs no account: a folder of `.eml` files, which any mail program opens.

Whoever has sent a draft moves its file into the subfolder `sent`; whoever does not want it deletes the file.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import os
import re
import tempfile
import time
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from fivestep.connectors.mailbox import Fate, Found, Known, MailboxCapabilities, Message
from fivestep.connectors.mailboxes.mime.draft_claims import SLACK
from fivestep.connectors.mailboxes.mime.message import TOKEN, as_eml
from fivestep.connectors.system.files import sync_folder
from fivestep.errors import UnreachableError
from fivestep.process.model.history import Correspondence

SENT_FOLDER = "sent"

_PART = ".part"
_ABANDONED = 600
"""Seconds after which a half-written file is taken for that of a killed run."""
_SHORT = 8
_TOKEN_LINE = re.compile(rb"%s:[ \t]*(\S+)\s*" % TOKEN.encode("ascii"), re.IGNORECASE)
_LONGEST_LINE = 1_000


class _File(NamedTuple):
    entry: os.DirEntry[str]
    where: Fate
    """What it means that the file is in its folder."""


class EmlFolder:
    """Drafts in a folder. A draft's ID is its token, so that its file may be renamed."""

    capabilities = MailboxCapabilities(reads_mail=False)

    def __init__(self, folder: Path) -> None:
        """The folder itself is made with the first draft; the one around it has to be there."""
        self._folder = folder
        self._tokens: dict[tuple[Path, int, int], str] = {}

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._folder.name

    def check(self) -> None:
        """Raise UnreachableError where a draft could not be made by now."""
        with self._faults("written to"):
            place = self._folder.parent if self._never_made() else self._folder
            with tempfile.TemporaryFile(dir=place):
                pass

    def refusal(self, sender: str) -> str:  # noqa: ARG002
        """Nothing: whoever is to send a draft finds it in the one folder."""
        return ""

    def create(self, message: Message) -> str:
        """Make the draft, once, and return its ID."""
        content = as_eml(message)
        with self._faults("written to; no draft was made"):
            self._folder.mkdir(exist_ok=True)
            if not self._named_for(message.token):
                self._sweep()
                _put(self._folder / file_name(message), content)
        return message.token

    def trace(self, drafts: Sequence[Known]) -> list[Found | None]:
        """What became of each draft: `unknown` where its file is in a subfolder other than `sent`.

        Raises UnreachableError where the folder can't be read: that its drafts are gone does not follow from that.
        """
        return [self._trace(draft) for draft in drafts]

    def _trace(self, draft: Known) -> Found | None:
        if not draft.draft_id and self._never_made():
            return None
        with self._faults("read, and what became of its drafts can't be told"):
            token = draft.token
            files = self._named_for(token) or self._carrying(token, list(self._files()))
            for fate in _TELLING:
                for file in files:
                    if file.where == fate:
                        return Found(token, fate, _sent_at(Path(file.entry.path), draft) if fate == "sent" else None)
        return Found(token, "deleted") if draft.draft_id else None

    def correspondence(self, people: Mapping[str, Collection[str]]) -> Mapping[str, Correspondence]:  # noqa: ARG002
        """Nothing: the folder knows no mail that came in."""
        return {}

    def _never_made(self) -> bool:
        return not self._folder.exists() and self._folder.parent.is_dir()

    def _named_for(self, token: str) -> list[_File]:
        """Its files, as far as their names tell: a short look, as few people rename them."""
        return self._carrying(token, [file for file in self._files() if token[:_SHORT] in file.entry.name])

    def _carrying(self, token: str, files: Iterable[_File]) -> list[_File]:
        return [file for file in files if self._token(file) == token]

    def _token(self, file: _File) -> str:
        """The token in the file's header; empty where it has none, or is gone by now."""
        try:
            path = Path(file.entry.path)
            now = path.stat()
            version = (path, now.st_mtime_ns, now.st_size)
            if version not in self._tokens:
                self._tokens[version] = _read_token(path)
        except FileNotFoundError:
            return ""
        return self._tokens[version]

    def _files(self) -> Iterator[_File]:
        """The folder's files, and then those one level below: a file that is moved meanwhile is not missed."""
        folders = []
        for entry in _entries(self._folder):
            if entry.is_dir():
                folders.append(entry)
            elif entry.name.lower().endswith(".eml"):
                yield _File(entry, "created")
        for folder in folders:
            where: Fate = "sent" if folder.name.casefold() == SENT_FOLDER else "unknown"
            for entry in _entries(Path(folder.path)):
                if entry.name.lower().endswith(".eml"):
                    yield _File(entry, where)

    def _sweep(self) -> None:
        for left_over in self._folder.glob(f".*{_PART}"):
            with suppress(OSError):
                if time.time() - left_over.stat().st_mtime > _ABANDONED:
                    left_over.unlink()

    @contextmanager
    def _faults(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UnreachableError(
                f"the folder of drafts {self._folder} can't be {what} ({error.strerror or error}): see to that, or "
                "mend [drafts] to; if all its drafts were dealt with, make an empty folder of that name"
            ) from error


_TELLING: tuple[Fate, ...] = ("sent", "created", "unknown")
"""Of several copies of one draft, the first of these counts."""


def file_name(message: Message) -> str:
    """A file name that is safe on every system: `2026-11-23 D-17 Your offer 1f0c9a3e.eml`."""
    words = re.sub(r"[^\w.+-]+", " ", unicodedata.normalize("NFC", f"{message.deal} {message.subject}"))
    return f"{message.date:%Y-%m-%d} {words.strip()[:40].strip(' .')} {message.token[:_SHORT]}.eml"


def _put(path: Path, content: bytes) -> None:
    """The file is there whole, or not at all, and stays there."""
    part = path.with_name(f".{path.name}{_PART}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    sync_folder(path.parent)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith(".")]


def _sent_at(path: Path, draft: Known) -> dt.datetime | None:
    """When a draft was sent whose file is among those that were: None where the file does not tell.

    A mail program that sends it gives it a date of its own, or saves it anew. That it was moved leaves no trace.
    """
    try:
        with path.open("rb") as file:
            written = email.message_from_binary_file(file, policy=email.policy.default)["Date"]
        saved = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    except (OSError, ValueError, TypeError):
        return None
    dated = getattr(written, "datetime", None)
    told = [moment for moment in (dated, saved) if moment and moment.tzinfo and moment > draft.since + SLACK]
    return next(iter(told), None)


def _read_token(path: Path) -> str:
    """The token in a mail's header; empty where it has none."""
    with path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE).rstrip(b"\r\n"):
            if found := _TOKEN_LINE.fullmatch(line):
                return found.group(1).decode("ascii", "replace")
    return ""
