"""The settings of one pipeline, typed: what `fivestep.toml` may say.

`config.settings.load` reads them; every default that a person may want to know stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from fivestep.config.settings.home import at_home
from fivestep.config.settings.value_checks import (
    cron_or_off,
    ledger_url,
    one_cell,
    one_sender,
    server_root,
    some_working_day,
    text_encoding,
    time_zone,
    with_holidays,
)

Option = str | int | float | bool
"""What a connector's option may be."""

Optional = Annotated[str | None, BeforeValidator(lambda value: None if value == "" else value)]
"""A text that may be left out; an empty one counts as left out, since TOML has no word for nothing."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class SettingsTable(BaseModel):
    """A table of the settings file; an unknown name in it is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class PipelineSettings(SettingsTable):
    """Which sheet, and how to read it."""

    name: str = "pipeline"
    """What the pipeline is called; the ledger keeps its history under this name."""
    sheet: Annotated[str, Field(min_length=1)]
    """A `.xlsx` or `.csv` file, a Google Sheet's address, or `NAME:…` for a connector of another package."""
    tab: Optional = None
    """The tab with the deals; where none is named, what a Google address says, else the first one."""
    encoding: Annotated[Optional, AfterValidator(text_encoding)] = None
    """A delimited file's, by one of Python's names for it; found by itself where it is not given."""
    header_row: Annotated[int, Field(ge=1)] | None = None
    """As the sheet numbers it; found by itself where it is not given."""
    timezone: Annotated[str, AfterValidator(time_zone)] = "UTC"
    """Where the team works, such as `Europe/Berlin`: when a day begins."""
    holidays: Annotated[Optional, AfterValidator(with_holidays)] = None
    """A country, or a country and a part of it: `DE`, `DE-BE`."""
    weekend: Annotated[tuple[Weekday, ...], AfterValidator(some_working_day)] = ("sat", "sun")
    """The free days of the week."""
    date_order: Literal["day-month", "month-day", "year-month-day"] | None = None
    """How `3/4/2025` is read where the column does not tell."""
    decimal: Literal[".", ","] | None = None
    """Which mark is the decimal one where the column does not tell."""
    max_stage_changes: Annotated[float, Field(ge=0, le=1)] = 0.5
    """The brake: the share of the deals that may be in another stage than at the last run."""


class ProcessSettings(SettingsTable):
    """Which process."""

    file: Optional = None
    """A TOML file; the built-in five steps where none is given."""


class DraftSettings(SettingsTable):
    """Where drafts go, and how many."""

    to: Annotated[str, Field(min_length=1)] = "drafts/"
    """A folder, `gmail`, `imap`, or `NAME:…` for a connector of another package."""
    sender: Annotated[Optional, AfterValidator(one_sender), Field(alias="from")] = None
    """One address, with or without a name before it; for deals whose owner has none."""
    texts: Optional = None
    """A folder of mail texts; a text found there is taken instead of the built-in one of that name."""
    per_run: Annotated[int, Field(ge=0)] = 25
    """The most drafts that one run makes."""
    per_day: Annotated[int, Field(ge=0)] = 50
    """The most drafts that all runs of a day make."""


WRITTEN = ("id", "status", "next_step", "follow_up")
"""The names under `[write_back]` that stand for columns."""


class DigestSettings(SettingsTable):
    """Who gets the weekly digest."""

    lead: Annotated[Optional, AfterValidator(one_sender)] = None
    """One address, with or without a name before it; the sender of the drafts where none is given."""
    owners: bool = True
    """Each owner gets a digest of their own deals."""


class TargetSettings(SettingsTable):
    """What the team aims at."""

    new_leads_per_week: Annotated[int, Field(ge=1)] | None = None
    """That of the process where it is not given."""
    won_per_month: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """The quota: an amount."""
    currency: Optional = None
    """Of the quota, as the sheet's currencies are read; needed only where the deals have several."""


class WriteBackSettings(SettingsTable):
    """The headers of the tool's own columns, empty for none, and the heartbeat's cell."""

    id: Annotated[str, Field(min_length=1)] = "Deal ID"
    """Names a deal for good, wherever its row goes."""
    status: str = "Status"
    """The deal's status, and why."""
    next_step: str = "Suggested next step"
    """What to do next."""
    follow_up: str = "Follow-up"
    """The draft that waits, or what became of it."""
    heartbeat: Annotated[str, AfterValidator(one_cell)] = ""
    """A cell of the sheet's own file that says when the last good run was, or what is wrong."""


class NoticeSettings(SettingsTable):
    """Who is told when runs fail again and again."""

    keeper: Annotated[Optional, AfterValidator(one_sender)] = None
    """Whoever looks after the pipeline; the sender under `[drafts]` where nobody is named."""
    after: Annotated[int, Field(ge=0)] = 3
    """So many runs in a row; 0 is never."""


class LedgerSettings(SettingsTable):
    """Where the tool remembers."""

    url: Annotated[str, AfterValidator(ledger_url)] = "sqlite:///fivestep.db"
    """The database; an SQLite file is relative to the settings."""
    keep_days: Annotated[int, Field(ge=30, le=36_500)] = 400
    """How long changes of cells are remembered that have been written over since, and runs that have nothing left."""


class ScheduleSettings(SettingsTable):
    """When `fivestep serve` runs the jobs. Spans are in minutes."""

    sync: Annotated[str | None, AfterValidator(cron_or_off)] = None
    """A cron expression, by the clocks of the pipeline's time zone; None: as suits the working days."""
    follow_up: Annotated[str | None, AfterValidator(cron_or_off)] = None
    """The same for the whole run: cells and drafts."""
    digest: Annotated[str | None, AfterValidator(cron_or_off)] = None
    """The same for the weekly digest."""
    jitter: Annotated[float, Field(ge=0, le=720)] = 0
    """Up to so much later than its time a job begins."""
    grace: Annotated[float, Field(ge=0, le=1440)] = 240
    """So late a job that was missed, or that could not reach something, may still begin."""
    time_limit: Annotated[float, Field(gt=0, le=1440)] = 30
    """So long a job may take before it is ended."""


class GoogleSettings(SettingsTable):
    """How to log in at Google."""

    login: Literal["oauth", "service-account", "default"] = "oauth"
    """A person's login in the browser, a service account, or the application default credentials."""
    credentials: str = "client_secret.json"
    """The OAuth client, or the service account's key."""
    token: str = "google-token.json"
    """What the login stores."""
    delegate: bool = False
    """Service account: act as each deal's owner."""
    read_mail: bool = True
    """Look into the mailboxes for who wrote last, where conversations stand, and what became of drafts."""
    api_root: Annotated[str, AfterValidator(server_root)] = ""
    """Another root for all calls, such as a server on this machine."""


class ImapPerson(SettingsTable):
    """One person's mailbox; what is left out is taken from `[imap]`."""

    host: Optional = None
    """The mail server."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """993, or 143 where `security` is not `tls`."""
    security: Literal["tls", "starttls", "none"] | None = None
    """How the connection is kept secret; `none` is taken for this machine only."""
    user: Optional = None
    """The name to log in with, often the address."""
    password_file: Optional = None
    """A file with the password in one line."""
    drafts: Optional = None
    """The folder's name; found by itself where it is not given."""
    sent: Optional = None
    """The folder of sent mails; found by itself where it is not given."""


class ImapSettings(ImapPerson):
    """A mailbox that speaks IMAP, and those of further owners."""

    password: Annotated[SecretStr | None, Field(exclude=True)] = None
    """From the environment only."""
    people: dict[str, ImapPerson] = {}
    """By the owner's address."""


class McpSettings(SettingsTable):
    """What an assistant may do by `fivestep mcp`."""

    run: bool = False
    """Whether it may carry out a run; what it asks about is always only read."""


class Settings(SettingsTable):
    """One pipeline's settings, whole."""

    pipeline: PipelineSettings
    columns: dict[str, str] = {}
    """A field to the header in the sheet."""
    stages: dict[str, str] = {}
    """The sheet's word to the process's stage."""
    history: dict[str, str] = {}
    """The header of a column with the day on which deals came into a stage, to that stage."""
    process: ProcessSettings = ProcessSettings()
    drafts: DraftSettings = DraftSettings()
    targets: TargetSettings = TargetSettings()
    digest: DigestSettings = DigestSettings()
    write_back: WriteBackSettings = WriteBackSettings()
    notice: NoticeSettings = NoticeSettings()
    ledger: LedgerSettings = LedgerSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    google: GoogleSettings = GoogleSettings()
    imap: ImapSettings = ImapSettings()
    mcp: McpSettings = McpSettings()
    connectors: dict[str, dict[str, Option]] = {}
    """Options for connectors of other packages, by the connector's name."""
    base: Annotated[Path, Field(exclude=True)] = Path()
    """The folder that relative names are relative to: the settings file's own."""
    file: Annotated[str, Field(exclude=True)] = "fivestep.toml"
    """The settings file's name, for messages."""
    text: Annotated[str, Field(exclude=True, repr=False)] = ""
    """What the file said; by now it may say something else."""

    @property
    def zone(self) -> ZoneInfo:
        """The team's time zone."""
        return ZoneInfo(self.pipeline.timezone)

    @property
    def weekend(self) -> frozenset[int]:
        """The free days of the week, as `date.weekday` counts them: 0 is Monday."""
        week = get_args(Weekday)
        return frozenset(map(week.index, self.pipeline.weekend))

    @property
    def keeper(self) -> str | None:
        """Who hears of runs that fail; None where nobody is named."""
        return self.notice.keeper or self.drafts.sender

    @property
    def lead(self) -> str | None:
        """Who gets the digest of the whole team; None where nobody is named."""
        return self.digest.lead or self.drafts.sender

    def path(self, name: str) -> Path:
        """The file or folder that a setting names: relative to the settings file, `~` for the home folder.

        Raises SettingsError where it begins with the home folder of nobody.
        """
        return self.base / at_home(name)

    @property
    def ledger_url(self) -> str:
        """The ledger's URL, with the file of an SQLite database made absolute."""
        scheme, separator, rest = self.ledger.url.partition(":///")
        name, mark, query = rest.partition("?")
        if not scheme.startswith("sqlite") or name.startswith((":memory:", "file:")) or not name:
            return self.ledger.url
        return f"{scheme}{separator}{self.path(name).absolute().as_posix()}{mark}{query}"

    def options(self, connector: str) -> Mapping[str, Option]:
        """What `[connectors.NAME]` says, for the connector of that name."""
        return MappingProxyType(self.connectors.get(connector, {}))
