"""Which tab earlier runs worked on, where the settings name none and another may come first by now."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fivestep.config.settings.model import Settings
from fivestep.connectors.ledger import Ledger
from fivestep.connectors.registry import login_kind_of_sheet
from fivestep.connectors.sheet import Sheet

_MEMO = "tab"


def keep_tab(settings: Settings, ledger: Ledger, sheet: Sheet, title: str) -> None:
    """Remember the tab of a finished run, where only its position tells which tab is meant."""
    if not _by_place(settings) or not sheet.tabs():
        return
    now = json.dumps([settings.pipeline.sheet, title], ensure_ascii=False)
    if ledger.recall(settings.pipeline.name, _MEMO) != now:
        ledger.remember(settings.pipeline.name, _MEMO, now)


def tab_before(settings: Settings, ledger: Ledger) -> str | None:
    """The tab of this sheet that earlier runs worked on; None where the settings say which, or no run has."""
    kept = ledger.recall(settings.pipeline.name, _MEMO) if _by_place(settings) else ""
    sheet, title = json.loads(kept) if kept else ("", None)
    return title if sheet == settings.pipeline.sheet else None


def other_tab_first(settings: Settings, before: str | None, tabs: Sequence[str]) -> str:
    """What a person should know where the tab of earlier runs is no longer the first; empty where it is."""
    if before is None or before not in tabs[1:]:
        return ""
    return (
        f"The tab {tabs[0]!r} comes first now; {before!r} is used, as before. "
        f'Name the one that is meant: tab = "{before}" under [pipeline] in {settings.file}'
    )


def _by_place(settings: Settings) -> bool:
    """Whether nothing but its place tells which tab is meant."""
    login = login_kind_of_sheet(settings.pipeline.sheet)
    return settings.pipeline.tab is None and not (login and login.names_tab(settings.pipeline.sheet))
