"""Pieces of an HTML page: what is `Html` is safe to print, and `text` makes any other text so."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import NewType

Html = NewType("Html", str)


def text(value: object) -> Html:
    """The value as safe HTML; half a character, as broken files have, becomes `?`."""
    return Html(html.escape(str(value).encode("utf-8", "replace").decode("utf-8")))


def lines(value: object) -> Html:
    """The value as it reads, its line breaks as well."""
    return Html(text(value).replace("\n", "<br>"))


def element(tag: str, *children: Html, css: str = "", style: str = "") -> Html:
    """One element; `tag`, `css` (its class) and `style` are the program's own words."""
    attributes = (f' class="{css}"' if css else "") + (f' style="{style}"' if style else "")
    return Html(f"<{tag}{attributes}>{''.join(children)}</{tag}>")


def joined_html(pieces: Iterable[Html]) -> Html:
    """The pieces, one after the other."""
    return Html("".join(pieces))


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], figures: frozenset[int] = frozenset()) -> Html:
    """A table, in a box that scrolls by itself where the page is narrow.

    The columns in `figures` (from 0) are set to the right.
    """

    def row(tag: str, cells: Sequence[object]) -> Html:
        return element(
            "tr",
            *(element(tag, text(cell), css="figure" if index in figures else "") for index, cell in enumerate(cells)),
        )

    return element(
        "div",
        element(
            "table",
            element("thead", row("th", headers)),
            element("tbody", joined_html(row("td", cells) for cells in rows)),
        ),
        css="scroll",
    )


def page(title: str, css: str, body: Html) -> Html:
    """A whole document that needs nothing from anywhere."""
    return Html(
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{css}</style></head>\n<body>{body}</body></html>\n"
    )
