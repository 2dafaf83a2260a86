from __future__ import annotations

import datetime as dt
import random

import pytest

from fivestep.process.model.prognosis import NO_PROGNOSIS, StageLine
from fivestep.process.prognosis.fit import chance_of, kept, learned_on
from tests.process.prognosis.histories import AS_OF, BEGIN, ended, past_of

SIGNAL = [
    *ended("Pitch", range(1, 25), range(4, 97, 4)),
    *ended("Closing", range(3, 13, 3), range(20, 81, 20), still=3),
]
"""Two stages: what is won is won soon. Of Closing there is little, and it leans on Pitch."""


def test_a_limit_is_where_older_deals_are_won_half_as_often_for_sure() -> None:
    learned = learned_on(past_of(SIGNAL, "Pitch", "Closing"), AS_OF)
    pitch, closing = learned.limits["Pitch"], learned.limits["Closing"]
    assert (learned.won, learned.lost, learned.horizon) == (28, 28, 30)
    assert (pitch.days, pitch.source, pitch.won, pitch.lost, pitch.open) == (21, "learned", 24, 24, 0)
    assert (closing.days, closing.source, closing.won, closing.lost, closing.open) == (17, "learned", 4, 4, 3)
    assert pitch.ratio == pytest.approx(0.2972, abs=5e-5)
    assert closing.ratio == pytest.approx(0.2840, abs=5e-5)  # at 14 days the bound was still 0.8091
    assert (pitch.older, pitch.longest_won, pitch.pace) == (22, 24, 22)
    assert closing.pace is None  # four wins tell no pace


def test_a_chance_is_that_of_the_stage_drawn_to_all_and_falls_with_age() -> None:
    learned = learned_on(past_of(SIGNAL, "Pitch", "Closing"), AS_OF)
    assert chance_of(learned, "Closing", 120) == pytest.approx(0.106983, abs=5e-7)
    fresh, older = chance_of(learned, "Closing", 1), chance_of(learned, "Closing", 20)
    assert fresh == pytest.approx(0.387409, abs=5e-7)
    assert older is not None
    assert fresh > older
    assert chance_of(learned, "Elsewhere", 1) is None
    assert chance_of(NO_PROGNOSIS, "Closing", 1) is None


def _without_signal(count: int) -> list[StageLine]:
    return ended("Pitch", range(3, 3 * count + 1, 3), range(3, 3 * count + 1, 3))


@pytest.mark.parametrize(("count", "days", "source"), [(30, 90, "oldest won"), (19, None, "none"), (9, None, "guess")])
def test_where_age_says_nothing_it_is_quiet(count: int, days: int | None, source: str) -> None:
    learned = learned_on(past_of(_without_signal(count), "Pitch"), AS_OF)
    assert (learned.limits["Pitch"].days, learned.limits["Pitch"].source) == (days, source)
    if count == 30:
        assert learned.horizon == 46.5
        assert dict(learned.chances["Pitch"].by_age)[30] == pytest.approx(1.311, abs=5e-4)
        assert dict(learned.chances["Pitch"].by_age)[365] == pytest.approx(1)
    if source == "guess":
        assert learned.chances == {}


def test_wins_count_and_not_closed_deals() -> None:
    learned = learned_on(past_of(ended("Pitch", range(1, 7), [60] * 500), "Pitch"), AS_OF)
    assert learned.limits["Pitch"].source == "guess"
    assert learned.limits["Pitch"].days is None


def test_simulated_stages_without_a_signal_stay_silent() -> None:
    """By a fixed series of seeds: the share of histories in which some limit is `learned` by accident."""
    cried = 0
    for seed in range(60):
        chance = random.Random(seed)
        won = [1 + int(chance.expovariate(1 / 25)) for _ in range(40)]
        lost = [1 + int(chance.expovariate(1 / 25)) for _ in range(60)]
        learned = learned_on(past_of(ended("Pitch", won, lost), "Pitch"), BEGIN + dt.timedelta(days=400))
        cried += learned.limits["Pitch"].source == "learned"
    assert cried <= 3


def test_a_limit_is_kept_unless_it_moves_by_more_than_a_quarter() -> None:
    past = past_of(SIGNAL, "Pitch", "Closing")
    now = learned_on(past, AS_OF)
    before = now.limits | {
        "Pitch": now.limits["Pitch"]._replace(days=25),
        "Closing": now.limits["Closing"]._replace(days=30),
    }
    told = kept(type(now)(limits=before), now, past).limits
    assert told["Pitch"].days == 25  # 21 is within a quarter of it
    assert told["Pitch"].older == sum(days > 25 for days in [*range(1, 25), *range(4, 97, 4)])
    assert told["Closing"].days == 17  # from 30 that is more than a quarter
