"""The JSON Schema of the process file."""

from __future__ import annotations

from fivestep.config.sales_process.model import WrittenProcess
from fivestep.config.settings.toml_schema import Schema, schema_of


def process_schema() -> Schema:
    """What a process file may say, as JSON Schema."""
    return schema_of(WrittenProcess, "A sales process of fivestep")
