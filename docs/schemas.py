"""Writes the JSON Schemas into `docs/schemas/`, from the models that check the files: `python docs/schemas.py`."""

from __future__ import annotations

from pathlib import Path

from fivestep.jobs.showing.editor_schema import SCHEMA_FILES, schema_text

FOLDER = Path(__file__).with_name("schemas")


def files() -> dict[Path, str]:
    """Every file, with what it holds as the models of today make it."""
    return {FOLDER / name: schema_text(described) for described, name in SCHEMA_FILES.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, text in files().items():
        file.write_text(text, encoding="utf-8", newline="\n")
