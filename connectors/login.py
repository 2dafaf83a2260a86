"""A kind of login: what `doctor`, `init` and `login` need to know of a service that people log in to.

One class for a service implements `LoginKind`, and `connectors.registry` lists it; no job knows its name. The sheets
and mailboxes at that service use the login by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from fivestep.config.settings.model import Settings
from fivestep.connectors.check import Check

Tell = Callable[[str], None]
"""Tells a person the address of the page to open."""

Ask = Callable[[str], str]
"""Puts a question to a person, and returns what they type."""


class Suggested(NamedTuple):
    """What `init` proposes for the settings besides the sheet and its columns."""

    drafts: str = "drafts/"
    """Where drafts are to go."""
    reads_mail: bool = False
    """Whether that knows by itself who wrote last."""
    sender: str = ""
    """The login's own address; empty where there is none, or it sends no mail."""
    section: str = ""
    """The section of the settings in which the login is described."""
    options: Mapping[str, str | bool] = {}
    """What has to stand there, because it is not as usual."""


@dataclass(frozen=True)
class LoginReport:
    """What was granted, and where it is kept."""

    account: str
    """The address; empty where the service does not say."""
    file: Path | None
    """Where it is stored; None where nothing had to be."""
    granted: Sequence[str]
    missing: Sequence[str]
    """What was asked for and left out: what needs it is off."""
    share_with: str = ""
    """The address of an account that is no person's, with which the sheet has to be shared."""


class LoginKind(Protocol):
    """How people log in at one service."""

    @property
    def first_settings(self) -> Mapping[str, Mapping[str, str]]:
        """The settings to log in for where there is no settings file yet."""

    def names_sheet(self, sheet: str) -> bool:
        """Whether the setting `sheet` names one at this service."""

    def names_tab(self, sheet: str) -> bool:
        """Whether such a name says which tab it is, too."""

    def is_used(self, settings: Settings) -> bool:
        """Whether the sheet or the drafts are at this service."""

    def checks(self, settings: Settings) -> Iterable[Check]:
        """What the doctor looks at. Raises CredentialsError where the login does not hold."""

    def suggested(self, settings: Settings) -> Suggested:
        """What `init` proposes for a sheet at this service, by the login that could read it."""

    def log_in(self, settings: Settings, person: str, *, tell: Tell, ask: Ask | None) -> LoginReport:
        """Log in and store the login: the team's, or that of one owner, `person`, for their drafts.

        With `ask` there is no browser here. Raises CredentialsError where it is not granted, or by somebody else than
        that person, and SettingsError where the settings want no such login; nothing is stored then.
        """
