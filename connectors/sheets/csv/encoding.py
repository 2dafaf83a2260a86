"""How a delimited file is written: its encoding and its delimiter."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from itertools import islice
from typing import NamedTuple

from fivestep.connectors.sheets.csv.records import records

_DELIMITERS = ("\t", ";", "|", ",")  # of equally good ones the first, because texts hold the later ones more often
_SAMPLE_CHARACTERS, _SAMPLE_RECORDS = 100_000, 500
_NOT_EVEN = (0.0, 0)
_EXCELS_LINE = re.compile(r'"?sep=([,;\t|])"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Encoded(NamedTuple):
    """A file's text, and what it takes to write it again."""

    text: str
    encoding: str
    mark: bytes
    """The byte order mark, or nothing."""

    def encode(self, text: str) -> bytes:
        """Another text, written in the same way."""
        return self.mark + text.encode(self.encoding)

    def can_write(self, text: str) -> bool:
        """Whether the encoding has every character of a text."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True


def decoded_file(content: bytes) -> Encoded:
    """The text of a file: by its byte order mark, else as UTF-8, else as Windows-1252.

    Raises ValueError for a content that is none of these.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(Encoded(content[len(mark) :].decode(encoding), encoding, mark))
    try:
        return _checked(Encoded(content.decode("utf-8"), "utf-8", b""))
    except UnicodeDecodeError:
        return _checked(Encoded(content.decode("cp1252"), "cp1252", b""))


def decoded_in(encoding: str, content: bytes) -> Encoded:
    """The text of a file that is said to be in this encoding, with a byte order mark or without.

    Raises ValueError for a content that is not, or that would not be the same bytes when it is written again.
    """
    plain = codecs.lookup(encoding).name.removesuffix("-sig")
    marked = next((marked for mark, marked in _MARKS if content.startswith(mark)), None)
    if marked is not None:
        if not marked.startswith(plain):  # utf-16 is right for both of its byte orders
            raise ValueError(f"it begins with the byte order mark of {marked}")
        return decoded_file(content)
    try:
        text = content.decode(plain)
    except UnicodeDecodeError as error:
        line = len(_LINE_END.findall(content[: error.start].decode(plain, "ignore"))) + 1
        raise ValueError(
            f"line {line} holds the byte 0x{content[error.start]:02x}, which has no meaning there"
        ) from None
    if text.encode(plain) != content:
        raise ValueError("it would not be the same bytes when it is written again")
    return _checked(Encoded(text, plain, b""))


class Form(NamedTuple):
    """How the records of a text are set apart."""

    delimiter: str
    start: int
    """Where the records begin: behind a line such as `sep=;`, which Excel takes for itself and does not show."""


def form_of(text: str) -> Form:
    """The delimiter that Excel's own first line names, else the one that gives the most even records."""
    named = _EXCELS_LINE.match(text)
    if named is not None:
        return Form(named.group(1), named.end())
    sample = text[:_SAMPLE_CHARACTERS]
    evenness = {delimiter: _evenness(sample, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=evenness.__getitem__)
    return Form(best if evenness[best] > _NOT_EVEN else ",", 0)


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """The share of records with the most usual number of fields (of two or more), and that number."""
    parts = islice(records(sample, delimiter), _SAMPLE_RECORDS)
    counts = Counter(len(record.fields) for record in parts if not record.blank)
    several = [(count / counts.total(), fields) for fields, count in counts.items() if fields > 1]
    return max(several, default=_NOT_EVEN)


def _checked(encoded: Encoded) -> Encoded:
    if "\0" in encoded.text:
        raise ValueError("it holds null characters")
    return encoded
