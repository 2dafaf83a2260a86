"""The brakes: what looks less like a day's work than like an accident to the sheet."""

from __future__ import annotations

from collections.abc import Sequence

from fivestep.process.deal import Deal
from fivestep.process.history import History
from fivestep.process.identity import is_own
from fivestep.process.judge import Standing
from fivestep.process.plan import Brake
from fivestep.process.policy import Policy
from fivestep.process.show import plural

FEW = 10
"""So many deals may always change their stage at once: small sheets move fast."""


def brakes(read: Sequence[Deal], standings: Sequence[Standing], history: History, policy: Policy) -> list[Brake]:
    """What a person should look at before a run goes on. `read` are the deals with the IDs that the sheet gives."""
    found = []
    if not standings and history.deals:
        found.append(
            Brake(
                "empty",
                f"the sheet holds no deals, and held {len(history.deals)} before. "
                "If that is right, run with --allow-empty",
            )
        )
    if not history.deals and policy.own_id and (numbered := sum(is_own(deal.id) for deal in read)):
        found.append(
            Brake(
                "new-ledger",
                f"{plural(numbered, 'row')} of the sheet carry IDs of earlier runs, and the ledger knows nothing of "
                "them: it could draft again what has been drafted. Put the ledger back, or run with "
                "--allow-new-ledger to begin anew",
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
