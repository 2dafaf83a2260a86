"""Loads the settings of one pipeline: the file, and the environment before it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fivestep.config.settings.column_checks import column_mistakes
from fivestep.config.settings.environment import CONFIG, read_environment
from fivestep.config.settings.mistakes import mistakes_of, read_text, read_toml
from fivestep.config.settings.model import Settings
from fivestep.errors import Mistake, SettingsError

NAME = "fivestep.toml"

_PATHS = (("pipeline", "sheet"), ("process", "file"), ("drafts", "to"), ("drafts", "texts"), ("ledger", "url"))


def default_file(environ: Mapping[str, str]) -> Path:
    """The settings file where none is named: the one of FIVESTEP_CONFIG, or `fivestep.toml` here."""
    return Path(environ.get(CONFIG) or NAME)


def load_settings(path: Path | None, environ: Mapping[str, str], text: str | None = None) -> Settings:
    """The settings in this file, else in the one FIVESTEP_CONFIG names, else in `fivestep.toml` here.

    `text`: what the file is taken to say, whatever it says now. Raises SettingsError with all mistakes at once.
    """
    file = path or default_file(environ)
    if text is None and path is None and not environ.get(CONFIG) and not file.exists():
        raise SettingsError(
            f"there is no {NAME} here; `fivestep init SHEET` makes one for your sheet, `fivestep demo` shows the tool"
        )
    overrides = read_environment(environ)
    said = read_text(file, str(file)) if text is None else text
    own = read_toml(said, str(file))
    data = overrides.over(own)
    mistakes = [
        *overrides.mistakes,
        *_secret_mistakes(own, str(file)),
        *_hidden_mistakes(data, str(file)),
        *column_mistakes(data, str(file)),
    ]
    try:
        settings = Settings.model_validate({**data, "base": file.absolute().parent, "file": str(file), "text": said})
    except ValidationError as error:
        mistakes += mistakes_of(error, str(file), Settings, data)
    blamed = {mistake.place for mistake in mistakes}
    mistakes += [mistake for mistake in _null_mistakes(data, str(file)) if mistake.place not in blamed]
    if mistakes:
        raise SettingsError([_blaming(mistake, overrides.variables) for mistake in mistakes])
    return settings


def provisional_settings(data: Mapping[str, Mapping[str, Any]], base: Path, environ: Mapping[str, str]) -> Settings:
    """Settings that no file holds yet: these tables, and what the environment says over them.

    Raises SettingsError with all mistakes at once.
    """
    overrides = read_environment(environ)
    whole = overrides.over(data)
    mistakes = list(overrides.mistakes)
    try:
        settings = Settings.model_validate({**whole, "base": base, "file": NAME})
    except ValidationError as error:
        mistakes += mistakes_of(error, NAME, Settings, whole)
    if mistakes:
        raise SettingsError([_blaming(mistake, overrides.variables) for mistake in mistakes])
    return settings


def _hidden_mistakes(data: Mapping[str, Any], file: str) -> list[Mistake]:
    """Names that the model has for itself and a file may not use."""
    hidden = [name for name, field in Settings.model_fields.items() if field.exclude]
    return [Mistake(file, name, "", "there is nothing of this name here") for name in hidden if name in data]


def _secret_mistakes(data: Mapping[str, Any], file: str) -> list[Mistake]:
    """A password that stands in the file itself, which is no place for it."""
    imap = data.get("imap")
    if not isinstance(imap, Mapping) or "password" not in imap:
        return []
    better = "must not stand in this file: use password_file, or FIVESTEP_IMAP_PASSWORD in the environment"
    return [Mistake(file, "imap.password", "", better)]


def _null_mistakes(data: Mapping[str, Any], file: str) -> list[Mistake]:
    """Names of files and folders with a null character, which no file has and no system takes."""
    mistakes = []
    for section, name in _PATHS:
        table = data.get(section)
        value = table.get(name) if isinstance(table, Mapping) else None
        if isinstance(value, str) and "\0" in value:
            mistakes.append(Mistake(file, f"{section}.{name}", repr(value), "a name without null characters"))
    return mistakes


def _blaming(mistake: Mistake, variables: Mapping[str, str]) -> Mistake:
    """The mistake, blamed on the environment's variable where that gave the value."""
    for place, variable in variables.items():
        if mistake.place == place or mistake.place.startswith((f"{place}[", f"{place}.")):
            return mistake._replace(file=variable)
    return mistake
