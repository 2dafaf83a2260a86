"""A spreadsheet as people name it: by the address in their browser."""

from __future__ import annotations

import re
from typing import NamedTuple

GMAIL = "gmail"
"""What the settings call the mailboxes at Google."""

_ADDRESS = re.compile(r"https?://\S+?/spreadsheets/(?:u/\d+/)?d/([\w-]+)(\S*)", re.IGNORECASE)
_TAB = re.compile(r"[#?&]gid=(\d+)")


class SpreadsheetName(NamedTuple):
    """What an address says."""

    id: str
    tab_id: int | None
    """The tab that was open when the address was copied; None where the address does not say."""


def spreadsheet_name(setting: str) -> SpreadsheetName | None:
    """The spreadsheet that a setting names; None where it names something else."""
    found = _ADDRESS.fullmatch(setting.strip())
    if found is None:
        return None
    tab = _TAB.search(found[2])
    return SpreadsheetName(found[1], int(tab[1]) if tab else None)
