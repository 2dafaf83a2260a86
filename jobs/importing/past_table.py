"""A file with a past as a table: a sheet of any kind, or Pipedrive's changes of deals as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fivestep.config.settings.model import Settings
from fivestep.connectors.registry import SHEETS, login_kind_of_sheet, open_sheet
from fivestep.errors import SettingsError
from fivestep.process.model.table import Cell, Table

_HEADERS = ("Deal ID", "Field", "Old value", "New value", "Log time")


def read_past_table(settings: Settings, file: str) -> Table:
    """The table in this file, or at this address of a Google Sheet.

    Raises SettingsError where it is neither.
    """
    if login_kind_of_sheet(file) is None:
        path = Path(file).expanduser().absolute()
        if not path.is_file():
            raise SettingsError(f"there is no file {file}")
        if path.suffix.lower() == ".json":
            return flow_table(_json(path), path.name)
        if path.suffix.lower() not in SHEETS:
            raise SettingsError(f"{file} must end in {', '.join(SHEETS)} or .json")
        file = str(path)
    pipeline = settings.pipeline.model_copy(update={"sheet": file, "tab": None, "encoding": None})
    return open_sheet(settings.model_copy(update={"pipeline": pipeline})).read()


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as fault:
        raise SettingsError(f"{path.name} can't be read as JSON: {fault}") from None


def flow_table(document: object, title: str) -> Table:
    """The changes in answers of Pipedrive's `deals/{id}/flow`, one answer or any collection of them.

    A stage is known there by its number; where its name stands beside it, that is taken.
    """
    return Table(title, [_HEADERS, *_changes(document)])


def _changes(node: object) -> Iterator[tuple[Cell, ...]]:
    if isinstance(node, list):
        for part in node:
            yield from _changes(part)
    elif isinstance(node, dict):
        kind, data = node.get("object"), node.get("data")
        if kind == "dealChange" and isinstance(data, dict):
            yield _change(data)
        elif kind == "deal" and isinstance(data, dict) and data.get("add_time"):
            yield (_text(data.get("id")), "add_time", "", "", _text(data["add_time"]))
        else:
            for part in node.values():
                yield from _changes(part)


def _change(data: dict[str, Any]) -> tuple[Cell, ...]:
    beside = data.get("additional_data")
    named = beside if isinstance(beside, dict) else {}
    old, new = (_text(named.get(f"{which}_value_formatted") or data.get(f"{which}_value")) for which in ("old", "new"))
    deal = data.get("item_id") or data.get("deal_id")
    return _text(deal), _text(data.get("field_key")), old, new, _text(data.get("log_time"))


def _text(value: object) -> str:
    return "" if value is None else str(value)
