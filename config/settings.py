"""The settings of one pipeline, typed: what `fivestep.toml` may say.

`config.load` reads them; every default that a person may want to know stands here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A table of the settings file; an unknown name in it is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class PipelineSettings(Section):
    """Which sheet, and how to read it."""

    name: str = "pipeline"
    sheet: str
    tab: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    """As the sheet numbers it; found by itself where it is not given."""
    timezone: str = "UTC"
    holidays: str | None = None
    """A country, or a country and a part of it: `DE`, `DE-BE`."""
    weekend: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ("sat", "sun")
    date_order: Literal["day-month", "month-day"] | None = None
    decimal: Literal[".", ","] | None = None
    max_stage_changes: Annotated[float, Field(ge=0, le=1)] = 0.5
    """The brake: the share of the deals that may be in another stage than at the last run."""


class ProcessSettings(Section):
    """Which process."""

    file: str | None = None


class DraftSettings(Section):
    """Where drafts go, and how many."""

    to: str = "drafts/"
    sender: Annotated[str | None, Field(alias="from")] = None
    texts: str | None = None
    """A folder of mail texts; a text found there is taken instead of the built-in one of that name."""
    per_run: Annotated[int, Field(ge=0)] = 25
    per_day: Annotated[int, Field(ge=0)] = 50


class WriteBackSettings(Section):
    """The headers of the tool's own columns; an empty one switches that column off."""

    id: Annotated[str, Field(min_length=1)] = "Deal ID"
    status: str = "Status"
    next_step: str = "Suggested next step"
    follow_up: str = "Follow-up"


class LedgerSettings(Section):
    """Where the tool remembers."""

    url: str = "sqlite:///fivestep.db"


class Settings(Section):
    """One pipeline's settings, whole."""

    pipeline: PipelineSettings
    columns: dict[str, str] = {}
    """A field to the header in the sheet."""
    stages: dict[str, str] = {}
    """The sheet's word to the process's stage."""
    process: ProcessSettings = ProcessSettings()
    drafts: DraftSettings = DraftSettings()
    write_back: WriteBackSettings = WriteBackSettings()
    ledger: LedgerSettings = LedgerSettings()
    connectors: dict[str, dict[str, str | int | float | bool]] = {}
    """Options for connectors of other packages, by the connector's name."""
    base: Annotated[Path, Field(exclude=True)] = Path()
    """The folder that relative names are relative to: the settings file's own."""
    file: Annotated[str, Field(exclude=True)] = "fivestep.toml"
    """The settings file's name, for messages."""

    @property
    def zone(self) -> ZoneInfo:
        """The team's time zone."""
        return ZoneInfo(self.pipeline.timezone)
