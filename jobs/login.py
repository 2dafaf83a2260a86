"""`login`: a person grants access at the service of the settings, once, and the login is stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fivestep.config.settings.load import NAME, load_settings, provisional_settings
from fivestep.config.settings.model import Settings
from fivestep.connectors.login import Ask, LoginReport, Tell
from fivestep.connectors.registry import login_kinds, login_kinds_of
from fivestep.errors import SettingsError
from fivestep.process.reading.cells import CellFault
from fivestep.process.reading.email_cell import read_email


def login_settings(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings to log in for: those of the file, or, where there is none yet, the first service's own."""
    if config is not None or environ.get("FIVESTEP_CONFIG") or Path(NAME).exists():
        return load_settings(config, environ)
    return provisional_settings(login_kinds()[0].first_settings, Path.cwd(), environ)


def log_in(settings: Settings, person: str, *, tell: Tell, ask: Ask | None) -> LoginReport:
    """Log in and store the login: the team's, or that of one owner, `person`, for their drafts.

    Raises CredentialsError where it is not granted, or by somebody else than that person; nothing is stored then.
    """
    kind = next(iter(login_kinds_of(settings)), login_kinds()[0])
    return kind.log_in(settings, _address(person), tell=tell, ask=ask)


def _address(person: str) -> str:
    """The address in lower case; empty stays empty. Raises SettingsError where it is none."""
    found = read_email(person) if person else ""
    if isinstance(found, CellFault):
        raise SettingsError(f"{person!r} {found.what}. {found.fix}")
    return found.casefold()
