"""What the settings say that the plan depends on."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from fivestep.process.model.calendar import Calendar


@dataclass(frozen=True)
class NameWords:
    """The words that stand beside first names, as `vocabulary.plain` writes them.

    `config/vocabulary` has the lists.
    """

    titles: Set[str]
    """Before a name: `frau`, `dr`."""
    degrees: Set[str]
    """Behind a name: `mba`, `jr`."""
    particles: Set[str]
    """Before a surname: `van`, `de`."""
    nobody: Set[str]
    """Where one of these stands, no one person is meant: `gmbh`, `team`, `and`."""


@dataclass(frozen=True)
class Policy:
    """One pipeline's settings, as far as the domain needs them."""

    pipeline: str
    calendar: Calendar
    id_column: str
    """The header of the column with the deals' IDs."""
    own_id: bool
    """The tool keeps the IDs; otherwise they are the team's own, and never written."""
    status: str
    """The header; here and below, empty where the column is switched off."""
    next_step: str
    follow_up: str
    sender: str | None
    """Who a draft is from where the deal has no owner's address."""
    per_run: int
    per_day: int
    names: NameWords
    """By which the first name of a contact is told."""
    max_stage_changes: float = 1.0
    """The share of the known deals that may be in another stage than at the last run."""
    take_over: bool = False
    """Filled cells in the tool's columns that the ledger knows nothing of may be written over."""
    blanks: Set[str] = frozenset()
    """Texts by which a cell says that nothing is known, such as `n/a`: none belongs into a mail."""
    drafting: bool = True
    """Drafts that are due are made; otherwise the cells say that they are due."""
