"""What all sections have in common."""

from __future__ import annotations

from fivestep.process.wording.html import Html, element, joined_html, text

LISTED = 100
"""Rows of one list; a page that goes on for longer is not read."""


def section(title: str, *content: Html) -> Html:
    """A title, and what stands below it."""
    return joined_html([element("h2", text(title)), *content])


def part(title: str, *content: Html) -> Html:
    """The same, within a section."""
    return joined_html([element("h3", text(title)), *content])


def said(sentence: str) -> Html:
    """One paragraph."""
    return element("p", text(sentence))


def more(count: int) -> Html:
    """How many rows a list leaves out; nothing where it is whole."""
    return said(f"… and {count - LISTED} more; `fivestep plan` lists all") if count > LISTED else Html("")
