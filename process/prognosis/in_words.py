"""What was learned of a past, and how right it has been, in sentences for who leads a team.

Never more than the numbers say: a share comes with how many deals stand behind it, a ratio with its interval.
"""

from __future__ import annotations

from collections.abc import Iterator

from fivestep.process.prognosis.backtest import Backtest, RuleTest
from fivestep.process.prognosis.fit import FEWEST_ENDED
from fivestep.process.prognosis.forecast import FEWEST_FINISHED, ForecastRecord
from fivestep.process.prognosis.measures import Ratio
from fivestep.process.wording.shares import percent
from fivestep.process.wording.show import plural


def ratio_text(ratio: Ratio) -> str:
    """A ratio with its interval."""
    if ratio.estimate is None:
        return "unknown"
    if ratio.low is None or ratio.high is None or ratio.low == ratio.high:
        return f"{ratio.estimate:.2f}"
    return f"{ratio.estimate:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"


def backtest_in_words(tested: Backtest) -> list[str]:
    """What the replay says as a whole, the plainest first."""
    known = tested.prognosis
    if min(known.won, known.lost) < FEWEST_ENDED:
        return [_too_little(known.won, known.lost)]
    if tested.since is None:
        return [
            f"Learned from {plural(known.won, 'deal')} won and {known.lost} lost. Nothing can be replayed yet: until "
            "lately too few deals had ended."
        ]
    return [
        f"Learned from {plural(known.won, 'deal')} won and {known.lost} lost, and replayed week by week since "
        f"{tested.since}: {_flagged(tested.learned, tested.rows)}.",
        *_worth(tested),
    ]


def forecast_in_words(record: ForecastRecord, horizon: float) -> list[str]:
    """What is to be expected, and how right such forecasts have been; empty where there is none."""
    if record.expected is None:
        return []
    said = f"Of today's open deals about {record.expected:.1f} are expected to be won in the next {horizon:.0f} days."
    return [said, *_record(record)]


def _too_little(won: int, lost: int) -> str:
    return (
        f"Too little to learn from: {plural(won, 'deal')} won and {lost} lost, and {FEWEST_ENDED} of each are needed. "
        "Until then no deal is called stalled for its age. `fivestep history import FILE` brings a past."
    )


def _flagged(rule: RuleTest, rows: int) -> str:
    ever = rule.won_ever_flagged
    hit = f"; of the deals that were won in the end, {percent(ever)} had been called so at some time" if ever else ""
    return f"of {rows:,} weekly looks at an open deal {percent(rule.flagged)} called it stalled{hit}"


def _worth(tested: Backtest) -> Iterator[str]:
    pooled, ratio = tested.learned.measured.pooled, tested.learned.measured.in_stage
    if pooled.won_flagged is None or pooled.won_others is None:
        yield "What the flags were worth can't be told: no flagged deal, or no other, has been watched for long enough."
        return
    yield (
        f"Within {tested.judged_within} days {percent(pooled.won_flagged)} of the flagged were won, and "
        f"{percent(pooled.won_others)} of the others, all stages together. Within one stage the flagged were won "
        f"{ratio_text(ratio)} times as often as the others."
    )
    if ratio.low is not None and ratio.low > 1:
        yield "That is more often, and the whole interval lies above 1: the limits hurt."
    elif ratio.high is not None and ratio.high >= 1:
        yield "The interval reaches 1, which is no difference: not shown."


def _record(record: ForecastRecord) -> Iterator[str]:
    finished = record.finished
    if not finished:
        yield "No earlier forecast is over yet, so nobody knows how right they are."
        return
    expected, won = sum(one.expected for one in finished), sum(one.won for one in finished)
    yield (
        f"{plural(len(finished), 'earlier forecast')} expected {expected:.0f} deals together, and {won} were won"
        f"{_overstated(record)}."
    )
    if record.range is not None:
        low, high, held, tried = record.range
        yield (f"By their errors it may be {low:.1f} to {high:.1f}; such a range has held {held} of {tried} times.")
    elif len(finished) < FEWEST_FINISHED:
        yield f"A range is given from {FEWEST_FINISHED} finished forecasts on."
    else:
        yield "No range is given: none has held so far, or none could be tried."


def _overstated(record: ForecastRecord) -> str:
    expected = sum(one.expected_amount for one in record.finished)
    won = sum(one.won_amount for one in record.finished)
    return f"; in amounts it was {expected / won:.1f} times what came" if won else ""
