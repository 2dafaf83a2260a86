"""A mail as bytes: its header fields read and replaced without touching the rest, and a new one written."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Mapping
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.utils import formataddr, getaddresses
from functools import cache
from typing import NamedTuple

ADDRESSES = {"from", "sender", "reply-to", "to", "cc", "bcc"}
BREAK = b"\r\n"


class Field(NamedTuple):
    """A header field; the line is as it was written, folds and all, without its last line break."""

    name: str
    line: bytes

    @property
    def written(self) -> str:
        """The value in one line, its encoded words as they are."""
        value = self.line.partition(b":")[2]
        return re.sub(rb"\r\n(?=[ \t])", b"", value).strip().decode("utf-8", "replace")

    @property
    def value(self) -> str:
        """The value as people read it."""
        return decoded(self.written)


def decoded(value: str) -> str:
    """A header value with its encoded words read; as it is where they are broken."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value


def unix_or_dos(raw: bytes) -> bytes:
    """The mail with the line breaks that mails have."""
    return re.sub(rb"\r\n|\r|\n", BREAK, raw)


def split(raw: bytes) -> tuple[list[Field], bytes]:
    """The header fields and the body of a mail; a line that is no field is kept under no name."""
    if raw.startswith(BREAK):
        return [], raw[2:]
    head, _, body = raw.partition(BREAK * 2)
    lines = re.split(rb"\r\n(?![ \t])", head.removesuffix(BREAK))
    return [Field(_name(line), line) for line in lines if line], body


def value_of(raw: bytes, name: str) -> str:
    """The first header of this name, as people read it; empty where there is none."""
    if raw.startswith(BREAK):
        return ""
    end = raw.find(BREAK * 2)
    found = _line_of(name).search(raw, 0, len(raw) if end < 0 else end)
    return Field(name, found[0]).value if found else ""


@cache
def _line_of(name: str) -> re.Pattern[bytes]:
    folds = rb"[^\r\n]*(?:\r\n[ \t][^\r\n]*)*"
    return re.compile(rb"^" + re.escape(name.encode()) + rb"[ \t]*:" + folds, re.IGNORECASE | re.MULTILINE)


def _name(line: bytes) -> str:
    colon = line.find(b":")
    return line[: max(colon, 0)].decode("ascii", "replace").strip()


def join(fields: Iterable[Field], body: bytes) -> bytes:
    """The mail of these fields and this body."""
    return b"".join(field.line + BREAK for field in fields) + BREAK + body


def with_headers(raw: bytes, changes: Mapping[str, str | None]) -> bytes:
    """The mail with these headers: replaced where they stand, put on top if they are new, taken out if None."""
    fields, body = split(raw)
    left = {name.casefold(): field(name, value) for name, value in changes.items() if value is not None}
    changed = {name.casefold() for name in changes}
    kept = []
    for each in fields:
        name = each.name.casefold()
        if name not in changed:
            kept.append(each)
        elif name in left:
            kept.append(left.pop(name))
    return join([*left.values(), *kept], body)


def field(name: str, value: str) -> Field:
    """A header field of a value as people read it."""
    return Field(name, f"{name}: {_encoded(name, value)}".encode("ascii"))


def _encoded(name: str, value: str) -> str:
    if value.isascii():
        return value
    if name.casefold() in ADDRESSES:
        return ", ".join(map(formataddr, getaddresses([value])))
    return Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


def compose(headers: Mapping[str, str], text: str, html: str | None = None) -> bytes:
    """A new mail; with `html` it holds both versions, as mail programs write it."""
    fields = [field(name, value) for name, value in headers.items() if value]
    return join([*fields, field("MIME-Version", "1.0")], b"")[:-2] + content(text, html)


def content(text: str, html: str | None = None) -> bytes:
    """The content headers and the body of a mail with this text; of the HTML alone if there is no text."""
    plain = _part("plain", text)
    if html is None:
        return plain
    if not text:
        return _part("html", html)
    boundary = f"0000000000{zlib.crc32((text + html).encode()):010d}".encode()
    parts = b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in (plain, _part("html", html)))
    return b'Content-Type: multipart/alternative; boundary="%s"\r\n\r\n%s--%s--\r\n' % (boundary, parts, boundary)


def _part(subtype: str, text: str) -> bytes:
    data = unix_or_dos(text.encode())
    coding = "7bit"
    if not text.isascii():
        coding, data = "base64", unix_or_dos(base64.encodebytes(data))
    head = f'Content-Type: text/{subtype}; charset="UTF-8"\r\nContent-Transfer-Encoding: {coding}\r\n\r\n'
    return head.encode() + data


def with_content(raw: bytes, new: bytes) -> bytes:
    """The mail with another content, as `content` makes it."""
    fields = [each for each in split(raw)[0] if not each.name.casefold().startswith("content-")]
    return join(fields, b"")[:-2] + new
