"""The brakes: what looks less like a day's work than like an accident to the sheet."""

from __future__ import annotations

from collections.abc import Sequence

from fivestep.process.history import History
from fivestep.process.judge import Standing
from fivestep.process.plan import Brake
from fivestep.process.policy import Policy

FEW = 10
"""So many deals may always change their stage at once: small sheets move fast."""


def brakes(standings: Sequence[Standing], history: History, policy: Policy) -> list[Brake]:
    """What a person should look at before a run goes on."""
    found = []
    if not standings and history.deals:
        found.append(
            Brake(
                "empty",
                f"the sheet holds no deals, and held {len(history.deals)} before. "
                "If that is right, run with --allow-empty",
            )
        )
    known = [standing for standing in standings if standing.past.entries]
    moved = sum(standing.clocks is None or standing.clocks.entered for standing in known)
    if moved > max(FEW, policy.max_stage_changes * len(known)):
        found.append(
            Brake(
                "stage-changes",
                f"{moved} of {len(known)} deals are in another stage than at the last run. "
                "If that is right, run with --allow-stage-changes",
            )
        )
    return found
