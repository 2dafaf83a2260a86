"""Loads the mail texts: files that a sales lead can edit, in Markdown, with merge fields.

    Subject: Your question about {{Product|our offer}}

    Hello {{first_name|there}},
    …

What comes back is compiled: the HTML is made once, and values are put into it escaped, never read as Markdown.
"""

from __future__ import annotations

import functools
import re
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

from fivestep.config.settings.mistakes import read_text, shortened
from fivestep.errors import Mistake, SettingsError
from fivestep.process.model.mail_text import Text
from fivestep.process.model.template import Merge

BUILT_IN_TEXTS = Path(__file__).parent
"""The folder of the texts that the built-in process sends, and of the digest's."""

DIGESTS = {"owner": "digest-owner", "lead": "digest-lead"}
"""The texts that are no follow-ups: `config.texts.load_digest` loads them."""

_SUBJECT = re.compile(r"subject:(.*)", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]\[]+)\]\(([^()\s]+)\)")
_FIELD_IN_ADDRESS = re.compile(r"\]\([^)]*\{\{|<[^>]*\{\{")
_RULES = ("newline", "emphasis", "link", "autolink", "list", "blockquote", "hr")
"""The Markdown that a mail needs. Pictures, tables and HTML are not among it."""

# Two ranges of characters that no text has, from which each merge field gets one while Markdown is made into HTML.
_MARKS = (0xF0000, 0x100000)
_MARK = re.compile("[\U000f0000-\U0010ffff]")

_PAGE_HEAD = (
    '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n'
    '<body style="font-family: Arial, Helvetica, sans-serif">\n'
)
_PAGE_END = "</body>\n</html>\n"


class _Parts(NamedTuple):
    """A file's subject and body, and the lines on which they begin."""

    subject: str
    body: str
    subject_line: int
    body_line: int


class _TextError(ValueError):
    """A mistake on one line of a text."""

    def __init__(self, line: int, expected: str, found: str = "") -> None:
        self.line, self.expected, self.found = line, expected, found
        super().__init__(expected)


def load_texts(folder: Path | None) -> dict[str, Text]:
    """All follow-up texts by name: those of the folder, and the built-in ones that it does not replace.

    Raises SettingsError with the mistakes of all texts at once.
    """
    if folder is not None and not folder.is_dir():
        raise SettingsError([Mistake("drafts.texts", "the folder", repr(str(folder)), "there is no such folder")])
    texts: dict[str, Text] = {}
    mistakes: list[Mistake] = []
    for path in _files(folder):
        try:
            texts[path.stem] = load_text(path.stem, read_text(path, path.name), path.name)
        except SettingsError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    return texts


def load_text(name: str, source: str, file: str) -> Text:
    """One mail text, compiled. `file` is what messages call it. Raises SettingsError."""
    try:
        parts = _split("\n".join(source.splitlines()))
        return Text(
            name,
            subject=_merge(parts.subject, parts.subject_line),
            plain=_merge(_LINK.sub(r"\1 (\2)", parts.body), parts.body_line),
            html=_html(parts),
        )
    except _TextError as error:
        raise SettingsError([Mistake(file, f"line {error.line}", error.found, error.expected)]) from None


def _files(folder: Path | None) -> list[Path]:
    files = {path.name: path for where in (BUILT_IN_TEXTS, folder) if where for path in sorted(where.glob("*.md"))}
    return [path for path in files.values() if path.stem not in DIGESTS.values()]


def _split(source: str) -> _Parts:
    lines = source.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    subject = _SUBJECT.fullmatch(lines[first].strip())
    if subject is None:
        raise _TextError(first + 1, "a text begins with a line `Subject: …`", shortened(lines[first].strip()))
    if not subject[1].strip():
        raise _TextError(first + 1, "the subject is empty")
    second = next((number for number, line in enumerate(lines) if number > first and line.strip()), None)
    if second is None:
        raise _TextError(first + 2, "below the subject there is no text")
    if second == first + 1:
        raise _TextError(second + 1, "the text begins after a blank line", shortened(lines[second].strip()))
    if odd := _MARK.search(source):
        raise _TextError(source.count("\n", 0, odd.start()) + 1, "a character for private use", f"U+{ord(odd[0]):X}")
    return _Parts(subject[1].strip(), "\n".join(lines[second:]).rstrip() + "\n", first + 1, second + 1)


def _merge(text: str, first_line: int) -> Merge:
    try:
        return Merge(text)
    except ValueError as error:
        raise _TextError(_line_of_fault(text, first_line), str(error)) from None


def _line_of_fault(text: str, first_line: int) -> int:
    for number, line in enumerate(text.split("\n"), first_line):
        try:
            Merge(line)
        except ValueError:
            return number
    return first_line


def _html(parts: _Parts) -> Merge:
    """The body as a page; refused where a merge field stands inside a tag, where it can't be escaped."""
    body = _merge(parts.body, parts.body_line)
    page, again = (_page(body, first_mark) for first_mark in _MARKS)
    # Markdown may write an address in other characters. If it did so with a mark, the two pages differ.
    if page is None or page != again:
        lines = enumerate(parts.body.split("\n"), parts.body_line)
        line = next((number for number, line in lines if _FIELD_IN_ADDRESS.search(line)), parts.body_line)
        raise _TextError(line, "a merge field cannot stand in the address or the title of a link")
    return Merge(page)


def _page(body: Merge, first_mark: int) -> str | None:
    """The source of the page with its merge fields; None where one of them is lost or inside a tag."""
    marks = iter(range(first_mark, first_mark + len(body.fields)))
    html = _markdown().render("".join(part if isinstance(part, str) else chr(next(marks)) for part in body.parts))
    if [ord(mark) - first_mark for mark in _MARK.findall(html)] != list(range(len(body.fields))):
        return None
    literals = _MARK.split(html)
    if any(literal.rfind("<") > literal.rfind(">") for literal in literals):
        return None
    fields = [field.source for field in body.fields]
    return _PAGE_HEAD + "".join(chain.from_iterable(zip(literals, [*fields, ""], strict=True))) + _PAGE_END


@functools.cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("zero", {"breaks": True}).enable(list(_RULES))
