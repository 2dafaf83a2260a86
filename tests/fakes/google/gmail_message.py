"""A message in a mailbox: what it is, and what a search sees of it."""

from __future__ import annotations

import datetime as dt
import email
import html
import re
from dataclasses import dataclass, field
from email.message import Message as Mime
from functools import cached_property

from tests.fakes.google import gmail_raw
from tests.fakes.google.gmail_raw import ADDRESSES, Field

REPLY_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg|antw|sv|vs)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)

WORD = re.compile(r"\w+")
ADDRESS = re.compile(r"""[^\s<>,;:"()@]+@[^\s<>,;:"()@]+""")


@dataclass(eq=False)
class Message:
    """One message. Its bytes never change: an edited draft is a new message."""

    id: str
    raw: bytes = field(repr=False)
    labels: set[str]
    at: dt.datetime
    """When it arrived, or was saved or sent: Gmail's `internalDate`."""
    order: int
    """Counts up through the mailbox; breaks ties of `at`."""
    thread_id: str = ""
    history_id: int = 0
    seen: dict[str, str] = field(default_factory=dict, repr=False)
    """The words by field, kept once a search has asked for them."""

    @cached_property
    def key(self) -> tuple[int, int]:
        """What lists are sorted by: milliseconds, then the order of arrival."""
        return round(self.at.timestamp() * 1000), self.order

    @property
    def fields(self) -> list[Field]:
        """The header fields."""
        return gmail_raw.split(self.raw)[0]

    def header(self, name: str) -> str:
        """The first header of this name, as people read it; empty where there is none."""
        return gmail_raw.value_of(self.raw, name)

    @property
    def subject(self) -> str:
        return self.header("Subject")

    @property
    def sender(self) -> str:
        return self.header("From")

    @property
    def to(self) -> str:
        return self.header("To")

    @cached_property
    def message_id(self) -> str:
        """The `Message-ID` header, angle brackets and all."""
        return self.header("Message-ID").strip()

    @cached_property
    def references(self) -> list[str]:
        """The `Message-ID`s that it answers, the nearest first."""
        chain = f"{self.header('References')} {self.header('In-Reply-To')}"
        return list(dict.fromkeys(reversed(re.findall(r"<[^<>\s]+>", chain))))

    @cached_property
    def topic(self) -> str:
        """The subject without reply prefixes and without what spacing and case add."""
        return " ".join(REPLY_PREFIX.sub("", self.subject).split()).casefold()

    @property
    def mime(self) -> Mime:
        """The parsed mail."""
        return email.message_from_bytes(self.raw)

    @cached_property
    def text(self) -> str:
        """The plain text; of a mail without one, what the HTML says."""
        return self._part("text/plain") or re.sub(r"<[^>]+>", " ", html.unescape(self.html))

    @cached_property
    def html(self) -> str:
        """The HTML version; empty where there is none."""
        return self._part("text/html")

    def _part(self, kind: str) -> str:
        for part in self.mime.walk():
            if part.get_content_type() == kind and not part.get_filename():
                return text_of(part)
        return ""

    @cached_property
    def snippet(self) -> str:
        """The first words, escaped as Gmail does it."""
        words = " ".join(self.text.split())[:200].strip()
        return html.escape(words).replace("&#x27;", "&#39;")

    def words(self, *names: str) -> str:
        """What a search reads of these headers, or of `body`: words in lower case, blanks around, then addresses."""
        return "".join(self._words(name) for name in names)

    def _words(self, name: str) -> str:
        if name not in self.seen:
            source = self.text if name == "body" else self.header(name)
            self.seen[name] = words(source) + addresses(source if name in ADDRESSES else "")
        return self.seen[name]


def words(text: str) -> str:
    """The words of a text in lower case, a blank before and after each."""
    found = " ".join(WORD.findall(text.casefold()))
    return f" {found} "


def addresses(header: str) -> str:
    """The whole addresses in a header in lower case, a blank before and after each."""
    return "".join(f" {address} " for address in ADDRESS.findall(header.casefold()))


def text_of(part: Mime) -> str:
    """The text of a part; what its charset does not explain is replaced."""
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    try:
        return data.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
