"""`process new`: the built-in sales process, as a file of the team's own."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from fivestep.config.sales_process.load import BUILT_IN_PROCESS
from fivestep.config.settings.model import Settings
from fivestep.connectors.system.files import write_new
from fivestep.jobs.showing.editor_schema import schema_line, write_schema


class NewProcess(NamedTuple):
    """What was written, and whether the settings know of it."""

    file: Path
    """The file with the process, whole."""
    name: str
    """The same file as the settings name it, under `[process] file`."""
    settings: str
    """The settings file."""
    named: bool
    """The settings name the file already."""


def write_process(settings: Settings) -> NewProcess:
    """Write the built-in process and its schema, for editors, beside the settings, and say where it is.

    The file is the one that the settings name under `[process] file`, else `process.toml`. Raises SettingsError where
    it is there already, or can't be written.
    """
    own = settings.process.file
    name = own or BUILT_IN_PROCESS.name
    file = settings.path(name)
    write_new(file, f"{schema_line('process')}\n{BUILT_IN_PROCESS.read_text('utf-8')}")
    write_schema("process", file.parent)
    return NewProcess(file, name, settings.file, named=own is not None)
