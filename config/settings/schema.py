"""The JSON Schema of the settings file."""

from __future__ import annotations

from fivestep.config.settings.model import Settings
from fivestep.config.settings.toml_schema import Schema, schema_of
from fivestep.process.model.deal import KINDS


def settings_schema() -> Schema:
    """What `fivestep.toml` may say, as JSON Schema; known fields are offered under `[columns]`."""
    schema = schema_of(Settings, "The settings of fivestep: fivestep.toml")
    schema["properties"]["columns"]["properties"] = {name: {"type": "string"} for name in KINDS}
    return schema
