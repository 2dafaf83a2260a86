"""The sender's own signature, put under a mail as their mail program would."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from fivestep.connectors.mailbox import Message

_BLOCKS = frozenset({"address", "blockquote", "div", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"})
_LINES = _BLOCKS | {"br", "pre", "section", "table", "tr", "ul"}
_UNSEEN = frozenset({"head", "script", "style", "title"})
_END = re.compile(r"(?:</body>\s*)?(?:</html>\s*)?\Z", re.IGNORECASE)


def signed(message: Message, signature: str) -> Message:
    """The message with the HTML signature under both of its versions; unchanged where there is none."""
    text = plain_text(signature)
    if not text and "<img" not in signature.lower():
        return message
    plain = f"{message.plain.rstrip()}\n\n-- \n{text}\n" if text else message.plain
    end = _END.search(message.html)
    at = end.start() if end else len(message.html)
    block = f'<br>\n<div class="gmail_signature" data-smartmail="gmail_signature">{signature}</div>\n'
    return message._replace(plain=plain, html=message.html[:at] + block + message.html[at:])


def plain_text(html: str) -> str:
    """What HTML says, line by line; a link's address stands behind its text where that does not name it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self._unseen = 0
        self._link = ""
        self._link_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self.text.append("\n")
        elif tag in _LINES:
            self._new_line()
        elif tag in ("td", "th"):
            self.text.append(" ")
        elif tag == "a":
            self._link, self._link_from = dict(attrs).get("href") or "", len(self.text)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _LINES and tag != "br":
            self._new_line()
        elif tag == "a":
            self._end_link()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.text.append(re.sub(r"\s+", " ", data))

    def _new_line(self) -> None:
        if "".join(self.text[-2:]).strip(" ")[-1:] not in ("", "\n"):
            self.text.append("\n")

    def _end_link(self) -> None:
        said = "".join(self.text[self._link_from :]).strip()
        place = re.sub(r"^(?:mailto:|tel:|https?://(?:www\.)?)", "", self._link).rstrip("/")
        if said and self._link.startswith(("http://", "https://")) and place.casefold() not in said.casefold():
            self.text.append(f" <{self._link}>")
        self._link = ""
