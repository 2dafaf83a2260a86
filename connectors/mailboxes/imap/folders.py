"""Finds an IMAP mailbox's folders by their flags (RFC 6154), by name only where no flag tells."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple

_NOT_THERE = {"\\noselect", "\\nonexistent"}
_ABOVE = ("", "inbox", "[gmail]", "[google mail]")
"""Under which the folders lie that a mail program makes."""

_DRAFTS = (
    "drafts", "draft", "entwürfe", "brouillons", "borradores", "esborranys", "bozze", "rascunhos", "concepten",
    "utkast", "kladder", "luonnokset", "koncepty", "rozpracované", "kopie robocze", "szkice", "piszkozatok", "ciorne",
    "taslaklar",
    "черновики", "чернетки", "πρόχειρα", "下書き", "草稿", "草稿箱", "임시 보관함",
)  # fmt: skip
_SENT = (
    "sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete objekte", "gesendete elemente",
    "gesendete nachrichten", "envoyés", "éléments envoyés", "messages envoyés", "enviados", "elementos enviados",
    "enviats", "inviata", "inviati", "posta inviata", "itens enviados", "verzonden", "verzonden items",
    "verzonden berichten", "skickat", "skickade", "skickade objekt", "sendt", "sendte elementer", "sendt post",
    "lähetetyt", "odeslané", "odeslaná pošta", "odoslané", "wysłane", "elementy wysłane", "elküldött",
    "elküldött elemek", "trimise", "gönderilmiş öğeler", "отправленные", "надіслані", "απεσταλμένα",
    "送信済み", "送信済みアイテム", "已发送", "已发送邮件", "보낸 편지함",
)  # fmt: skip
_TRASH = (
    "trash", "bin", "deleted items", "deleted messages", "papierkorb", "gelöscht", "gelöschte objekte",
    "gelöschte elemente", "corbeille", "éléments supprimés", "papelera", "elementos eliminados", "paperera", "cestino",
    "posta eliminata", "lixeira", "itens excluídos", "prullenbak", "verwijderde items", "papperskorgen",
    "borttagna objekt", "papirkurv", "slettet post", "roskakori", "koš", "kôš", "kosz", "elementy usunięte", "lomtár",
    "coș de gunoi", "çöp kutusu", "удаленные", "корзина", "кошик", "κάδος", "ゴミ箱", "已删除邮件", "휴지통",
)  # fmt: skip


class Folder(NamedTuple):
    """A folder as the server lists it."""

    name: str
    delimiter: str
    """Between the levels of its name; empty where there are no levels."""
    flags: Set[str]
    """In lower case."""


class Places(NamedTuple):
    """The folders of one mailbox that matter; None for what it does not have."""

    drafts: str | None
    sent: str | None
    trash: str | None
    everything: str | None
    archive: str | None
    names: Sequence[str]
    """Of all folders that hold mails, the junk left out."""


def find_places(folders: Sequence[Folder], drafts: str | None = None, sent: str | None = None) -> Places:
    """The folders that matter; `drafts` and `sent` are those that the settings name."""
    there = [folder for folder in folders if not folder.flags & _NOT_THERE]
    return Places(
        drafts=_named(there, drafts) if drafts else _flagged(there, "\\drafts") or _called(there, _DRAFTS),
        sent=_named(there, sent) if sent else _flagged(there, "\\sent") or _called(there, _SENT),
        trash=_flagged(there, "\\trash") or _called(there, _TRASH),
        everything=_flagged(there, "\\all"),
        archive=_flagged(there, "\\archive"),
        names=[folder.name for folder in there if "\\junk" not in folder.flags],
    )


def _named(folders: Sequence[Folder], name: str) -> str | None:
    exact = [folder.name for folder in folders if folder.name == name]
    alike = [folder.name for folder in folders if folder.name.casefold() == name.casefold()]
    return next(iter(exact or alike), None)


def _flagged(folders: Sequence[Folder], flag: str) -> str | None:
    return next((folder.name for folder in folders if flag in folder.flags), None)


def _called(folders: Sequence[Folder], usual: Sequence[str]) -> str | None:
    """The folder with the most usual of these names."""
    found: dict[str, str] = {}
    for folder in folders:
        above, _, own = folder.name.casefold().rpartition(folder.delimiter) if folder.delimiter else ("", "", "")
        if above in _ABOVE:
            found.setdefault(own or folder.name.casefold(), folder.name)
    return next((found[name] for name in usual if name in found), None)
