"""The brakes: what looks less like a day's work than like an accident to the sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fivestep.process.judging.deal_ids import is_own
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import History
from fivestep.process.model.plan import Brake
from fivestep.process.model.plan_settings import Policy
from fivestep.process.wording.show import plural

_WORDS = 8
"""So many words of a sheet are named."""

FEW = 10
"""So many deals may always change their stage at once: small sheets move fast."""


def _unknown_words(read: Sequence[Deal]) -> str | None:
    """What to do where no stage word of the sheet is known; None where one is, or there are none."""
    if any(deal.stage for deal in read):
        return None
    words = Counter(deal.stage_word for deal in read if deal.stage_word)
    if not words:
        return None
    listed = ", ".join(f"{word!r} ({plural(count, 'deal')})" for word, count in words.most_common(_WORDS))
    more = f" and {len(words) - _WORDS} more" if len(words) > _WORDS else ""
    return (
        f"no word of the stage column is known as a stage: {listed}{more}. Say under [stages] in the settings which "
        f'stage each of them is, such as "{words.most_common(1)[0][0]}" = "…", or name the right column as stage '
        "under [columns]"
    )


def brakes(read: Sequence[Deal], moved: Sequence[bool], history: History, policy: Policy) -> list[Brake]:
    """What a person should look at before a run goes on.

    `read` are the deals with the IDs that the sheet gives; `moved` tells of each deal that the ledger has seen in a
    stage whether it is in another now.
    """
    found = []
    if not read and history.seen:
        found.append(
            Brake(
                "empty",
                f"the sheet holds no deals, and held {len(history.seen)} before. "
                "If that is right, run with --allow-empty",
            )
        )
    unknown = sum(1 for deal in read if is_own(deal.id) and deal.id not in history.seen) if policy.own_id else 0
    if unknown:
        found.append(
            Brake(
                "new-ledger",
                f"{plural(unknown, 'row')} of the sheet with an ID of an earlier run that the ledger knows nothing of: "
                "it could draft again what has been drafted. Put the ledger back, or run with --allow-new-ledger",
            )
        )
    if (words := _unknown_words(read)) is not None:
        found.append(Brake("", words))
    if sum(moved) > max(FEW, policy.max_stage_changes * len(moved)):
        found.append(
            Brake(
                "stage-changes",
                f"{sum(moved)} of {len(moved)} deals are in another stage than at the last run. "
                "If that is right, run with --allow-stage-changes",
            )
        )
    return found
