"""A draft as the bytes of an `.eml` file, which any mail program opens for editing."""

from __future__ import annotations

import email.policy
import re
import unicodedata
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, quote

from fivestep.connectors.mailbox import Message
from fivestep.connectors.mailboxes.mime.address import mailer, one_address
from fivestep.connectors.mailboxes.mime.headers import MESSAGE_ID
from fivestep.process.model.history import Conversation

TOKEN = "X-Fivestep-Token"

_LINE = 76
_TOKEN = re.compile(r"[A-Za-z0-9-]{8,64}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=^_`{|}~ -]+")
_REFERENCES = 20
"""How many earlier mails an answer names at most; the last ones are what mail programs go by."""
_NO_TEXT = {"Cc", "Cs", "Zl", "Zp"}


def as_eml(message: Message, *, for_a_mail_program: bool = True) -> bytes:
    """The mail: plain and HTML, in UTF-8. Raises RefusedError where its addresses are not one each.

    `for_a_mail_program`: whoever opens the file gets it as a draft, not as a mail that came in.

    The headers are written here and not by `EmailMessage`, which loses spaces between encoded words and, in long
    names, the quotes around a comma, so that one sender becomes two (as of Python 3.11).
    """
    if not _TOKEN.fullmatch(message.token):
        raise ValueError(f"{message.token!r} is not fit for a header")
    sender, to = mailer(message.sender), one_address(message.to)
    headers = [
        f"{TOKEN}: {message.token}",
        f"X-Fivestep-Key: {_text('X-Fivestep-Key', message.key)}",
        *(["X-Unsent: 1"] if for_a_mail_program else []),
        f"Date: {format_datetime(message.date)}",
        f"Message-ID: <{message.token}@{sender.address.rpartition('@')[2]}>",
        f"From: {_named(header_line(sender.name), sender.address)}",
        f"To: {to}",
        f"Subject: {_text('Subject', message.subject)}",
        *_in_reply_to(message.conversation),
    ]
    return "".join(f"{header}\r\n" for header in headers).encode("ascii") + _body(message)


def header_line(text: str) -> str:
    """The text without control characters, line breaks of any kind, and doubled spaces."""
    return " ".join("".join(" " if unicodedata.category(c) in _NO_TEXT else c for c in text).split())


def _in_reply_to(conversation: Conversation | None) -> list[str]:
    """The headers that put an answer into its conversation; what is no Message-ID is left out."""
    if conversation is None or not MESSAGE_ID.fullmatch(conversation.message_id):
        return []
    earlier = [one for one in conversation.references.split() if MESSAGE_ID.fullmatch(one)]
    references = dict.fromkeys([*earlier[-_REFERENCES:], conversation.message_id])
    return [f"In-Reply-To: {conversation.message_id}", "References: " + "\r\n ".join(references)]


def _text(name: str, text: str) -> str:
    """A header's text, folded; as encoded words where plain ASCII would not do."""
    line = header_line(text)
    longest = max(map(len, line.split()), default=0)
    plain = line.isascii() and "=?" not in line and longest < _LINE - len(name) - 2
    return Header(line, "us-ascii" if plain else "utf-8", _LINE, name).encode(linesep="\r\n")


def _named(name: str, address: str) -> str:
    """An address with a display name, which may hold anything and still is one name."""
    if not name:
        return address
    if name.isascii() and "=?" not in name and len(name) < _LINE - len("From: "):
        phrase = name if _ATOMS.fullmatch(name) else f'"{quote(name)}"'
    else:
        phrase = Header(name, "utf-8", _LINE, "From").encode(linesep="\r\n")
    whole = f"{phrase} <{address}>"
    return whole if len(whole) < _LINE - len("From: ") and "\n" not in whole else f"{phrase}\r\n <{address}>"


def _body(message: Message) -> bytes:
    body = EmailMessage(policy=email.policy.SMTP)
    body.set_content(_encodable(message.plain), cte="quoted-printable")
    body.add_alternative(_encodable(message.html), subtype="html", cte="quoted-printable")
    body.set_boundary(f"=_{message.token}")
    return body.as_bytes()


def _encodable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
