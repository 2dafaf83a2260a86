"""A limit in words, as the status cell and the reports say it."""

from __future__ import annotations

from fivestep.process.model.prognosis import StageLimit
from fivestep.process.prognosis.fit import FEWEST_FOR_LONGEST
from fivestep.process.wording.shares import how_often_won
from fivestep.process.wording.show import plural


def past_the_limit(limit: StageLimit) -> str:
    """What becomes of deals that are older than a learned limit, in words."""
    often = how_often_won(limit.ratio or 0.0)
    if limit.older:
        return f"past {limit.days} days your deals {often} ({plural(limit.older, 'deal')})"
    return f"past {limit.days} days your deals of the other stages {often}, and none has been here for so long"


def limit_in_words(limit: StageLimit) -> str:
    """What holds in one stage, and on what grounds."""
    won = plural(limit.won, "deal")
    if limit.source == "guess":
        return f"{limit.stage}: too few deals have ended to learn from."
    if limit.days is None:
        few = f"; from {FEWEST_FOR_LONGEST} on, the longest of them would be the limit"
        return (
            f"{limit.stage}: age says nothing here. {won} won of {limit.won + limit.lost + limit.open} that came here"
            f"{few if limit.won < FEWEST_FOR_LONGEST else ''}."
        )
    if limit.source == "oldest won":
        said = f"{limit.stage}: of the {won} you won none was here for longer than {plural(limit.days, 'day')}"
    else:
        said = f"{limit.stage}: {past_the_limit(limit)}"
    if not limit.in_force:
        return f"{said}. Not used: in the replay, deals past it were won more often than the others."
    return f"{said}."
