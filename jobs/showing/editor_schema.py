"""The schemas beside the files that people edit: with them an editor completes, explains and checks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from fivestep.config.sales_process.schema import process_schema
from fivestep.config.settings.schema import settings_schema
from fivestep.config.settings.toml_schema import Schema
from fivestep.connectors.system.files import write_over

Described = Literal["settings", "process"]
"""The files of which there is a schema."""

# No address on the web, which not everybody reaches, but a file beside the other: it says what this version knows, and
# goes along to whoever gets the folder. Even Better TOML (VS Code) and taplo take its name as relative to that file.
SCHEMA_FILES: dict[Described, str] = {"settings": "fivestep.schema.json", "process": "fivestep-process.schema.json"}
"""What the schema is called in the folder of the file that it describes."""


def schema_for(described: Described) -> Schema:
    """The JSON Schema of the settings file, or of the process file."""
    return settings_schema() if described == "settings" else process_schema()


def schema_line(described: Described) -> str:
    """The comment at the top of a file by which an editor finds the schema beside it."""
    return f"#:schema ./{SCHEMA_FILES[described]}"


def schema_text(described: Described) -> str:
    """The schema as the file holds it."""
    return json.dumps(schema_for(described), indent=2, ensure_ascii=False) + "\n"


def write_schema(described: Described, folder: Path) -> None:
    """Put the schema into a folder, in the place of an older one.

    Raises SettingsError where that can't be done.
    """
    write_over(folder / SCHEMA_FILES[described], schema_text(described))
