"""What every part of the report is made of: a heading, a list that ends somewhere."""

from __future__ import annotations

from fivestep.process.wording.html import Html, element, joined_html, text

LISTED = 100
"""Rows of one list; a page that goes on for longer is not read."""


def section(title: str, *content: Html) -> Html:
    """A heading, and what stands below it."""
    return joined_html([element("h2", text(title)), *content])


def paragraph(words: str) -> Html:
    """A sentence or two."""
    return element("p", text(words))


def more(count: int) -> Html:
    """How many rows are not listed; empty where all are."""
    return paragraph(f"… and {count - LISTED} more; `fivestep plan` lists all") if count > LISTED else Html("")
