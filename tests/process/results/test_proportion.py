from __future__ import annotations

import pytest

from fivestep.process.results.proportion import Proportion


def test_wilson_interval() -> None:
    # Worked by hand for 22 of 40: (0.55 + 1.96²/80) / (1 + 1.96²/40) = 0.5456, give or take 0.1474.
    assert Proportion(22, 40).interval == pytest.approx((0.3983, 0.6929), abs=1e-4)
    assert Proportion(0, 10).interval == pytest.approx((0.0, 0.2775), abs=1e-4)


def test_below_ten_nothing_is_said() -> None:
    assert Proportion(9, 9).share is None
    assert Proportion(9, 9).interval is None
    assert Proportion(5, 10).share == 0.5


@pytest.mark.parametrize(
    ("mine", "other", "apart"),
    [((22, 40), (30, 120), True), ((22, 40), (50, 120), False), ((9, 9), (0, 90), False)],
)
def test_apart_is_only_what_has_no_share_in_common(mine: tuple[int, int], other: tuple[int, int], apart: bool) -> None:
    assert Proportion(*mine).apart_from(Proportion(*other)) is apart
    assert Proportion(*other).apart_from(Proportion(*mine)) is apart
