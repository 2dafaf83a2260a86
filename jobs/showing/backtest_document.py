"""The JSON document of `fivestep backtest`: its names are a promise to whoever reads it."""

from __future__ import annotations

from typing import Any

from fivestep.jobs.running.reports import BacktestReport
from fivestep.process.prognosis.backtest import Backtest, RuleTest, StageTest
from fivestep.process.prognosis.forecast import ForecastRecord
from fivestep.process.prognosis.measures import Ratio


def of_backtest(report: BacktestReport) -> dict[str, Any]:
    """The replay as JSON; null stands wherever nobody can tell."""
    tested = report.tested
    known = tested.prognosis
    learned, configured, fixed = tested.learned, tested.configured, tested.fixed
    return {
        "pipeline": report.pipeline,
        "as_of": tested.as_of.isoformat(),
        "since": tested.since.isoformat() if tested.since else None,
        "horizon_days": known.horizon,
        "judged_within_days": tested.judged_within,
        "won": known.won,
        "lost": known.lost,
        "rows": tested.rows,
        "stages": [_stage(stage, tested) for stage in tested.stages],
        "in_stage": {
            **learned.measured.in_stage._asdict(),
            "configured": configured.measured.in_stage._asdict(),
            "fixed": fixed.measured.in_stage._asdict(),
        },
        "pooled": {
            **_rule(learned),
            "rows": tested.rows,
            "configured": _rule(configured),
            "fixed": {**_rule(fixed), "days": tested.fixed_days},
        },
        "forecast": _forecast(tested.forecast),
    }


def _stage(stage: StageTest, tested: Backtest) -> dict[str, Any]:
    limit, shares = stage.limit, stage.shares
    return {
        "stage": limit.stage,
        "limit_days": limit.days,
        "source": limit.source,
        "won": limit.won,
        "lost": limit.lost,
        "open": limit.open,
        "older": limit.older,
        "longest_won": limit.longest_won,
        "flags_per_month": stage.flags_per_month,
        "won_flagged": shares.won_flagged,
        "won_others": shares.won_others,
        "risk_ratio": _ratio(shares.ratio),
        "won_ever_flagged": stage.won_ever_flagged,
        "fixed_days": tested.fixed_days,
        "fixed_risk_ratio": _ratio(stage.fixed),
        "verdict": stage.showing,
        "set_by_hand": stage.set_by_hand,
        "configured_risk_ratio": _ratio(stage.configured.ratio),
        "configured_verdict": stage.configured.showing,
        "in_force": limit.in_force,
    }


def _ratio(ratio: Ratio) -> dict[str, float | None]:
    return ratio._asdict()


def _rule(rule: RuleTest) -> dict[str, Any]:
    pooled = rule.measured.pooled
    return {
        **_ratio(pooled.ratio),
        "flagged": rule.flagged,
        "won_flagged": pooled.won_flagged,
        "won_others": pooled.won_others,
        "won_ever_flagged": rule.won_ever_flagged,
    }


def _forecast(record: ForecastRecord) -> dict[str, Any]:
    return {
        "expected": record.expected,
        "expected_amount": record.expected_amount,
        "finished": [{**one._asdict(), "as_of": one.as_of.isoformat()} for one in record.finished],
        "range": record.range._asdict() if record.range else None,
    }
