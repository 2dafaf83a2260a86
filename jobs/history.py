"""What is known about one deal by the ledger, for who asks."""

from __future__ import annotations

from fivestep.connectors.ledger import DealStory
from fivestep.errors import SettingsError
from fivestep.jobs.running.pipeline import Pipeline


def story_of(pipeline: Pipeline, deal: str) -> DealStory:
    """Everything that is known about the deal with this ID; `d-7` finds `D-7`, too.

    Raises SettingsError where it was never seen.
    """
    found = pipeline.ledger.story(pipeline.name, deal) or pipeline.ledger.story(pipeline.name, deal.upper())
    if found is None:
        raise SettingsError(f"no run has seen a deal with the ID {deal!r}; `fivestep plan` shows the IDs")
    return found
