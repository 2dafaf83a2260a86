"""Loads a sales process from its TOML file; `docs/process.md` explains the file."""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fivestep.config.sales_process.build import build
from fivestep.config.sales_process.checks import process_mistakes
from fivestep.config.sales_process.model import WrittenProcess
from fivestep.config.settings.mistakes import mistakes_of, read_toml
from fivestep.errors import SettingsError
from fivestep.process.model.sales_process import Process

BUILT_IN_PROCESS = Path(__file__).with_name("process.toml")
"""The process of a team that has no file of its own."""

_LISTS = ("rules", "next_steps", "follow_ups", "care")
_NUMBERS = ("probability", "stall_after", "silent_after", "quiet_after", "new_leads_per_week")


def load_process(source: Path | str, name: str, mapped: Collection[str], texts: Collection[str]) -> Process:
    """The process of a file, or of a text that holds one, for a sheet with columns for the mapped fields.

    `name` is what messages call the file; `texts` are the names of the mail texts there are. Raises SettingsError
    with all mistakes at once; they are the same whatever is mapped.
    """
    data = read_toml(source, name)
    try:
        written = WrittenProcess.model_validate(data)
    except ValidationError as error:
        rest = _without_mistakes(data, error)
        further = [] if rest is None else process_mistakes(rest, texts, name)
        raise SettingsError([*mistakes_of(error, name, WrittenProcess, data), *further]) from None
    if mistakes := process_mistakes(written, texts, name):
        raise SettingsError(mistakes)
    return build(written, mapped)


def _without_mistakes(data: dict[str, Any], error: ValidationError) -> WrittenProcess | None:
    """The file without what is wrong in its types, so that what else is wrong can be told at once.

    None where something is wrong that other parts may refer to: without it they would be blamed for nothing.
    """
    rest = copy.deepcopy(data)
    if not all(_cut(rest, detail["loc"], detail["type"]) for detail in error.errors(include_url=False)):
        return None
    for stage in rest["stages"]:
        for key in _LISTS:
            if key in stage:
                stage[key] = [entry for entry in stage[key] if entry is not None]
    try:
        return WrittenProcess.model_validate(rest)
    except ValidationError:
        return None


def _cut(data: Any, loc: Sequence[int | str], kind: str) -> bool:
    """Take out what is at this path, and tell whether that can be done because nothing else refers to it.

    It can for an unknown name, for a number, and for a whole entry of some lists, which becomes None.
    """
    if kind == "extra_forbidden" or loc[-1] in _NUMBERS:
        *way, last = loc
        _at(data, way).pop(last, None)
        return True
    depth = next((depth for depth, key in enumerate(loc[:-1], 1) if key in _LISTS), 0)
    if not depth:
        return False
    _at(data, loc[:depth])[loc[depth]] = None
    return True


def _at(data: Any, way: Sequence[int | str]) -> Any:
    for key in way:
        data = data[key]
        # An entry that was taken out before has nothing left to be taken out of it.
        if data is None:
            return {}
    return data
