"""How a run is recorded, however it ends, and what follows from that. One place for all kinds of runs."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from fivestep.config.settings.model import Settings
from fivestep.connectors.ledger import BY_HAND, Ledger, RunKind, RunOutcome, RunRecord
from fivestep.connectors.registry import ledger_of
from fivestep.errors import DEFECT_CODE, INTERRUPTED_CODE, FivestepError, StoppedError, UnreachableError
from fivestep.jobs.running import heartbeat, keeper_notice
from fivestep.jobs.running.pipeline import Pipeline, Telling, open_pipeline, today
from fivestep.logs import about
from fivestep.process.model.plan import Change, Plan
from fivestep.redact import redacted

IDLE_DAYS = 30
"""How long a run that succeeded and had nothing to do is remembered."""

log = logging.getLogger(__name__)


class Attempt:
    """One run under way. It is in the ledger as soon as it has a plan, or has failed without one."""

    def __init__(
        self,
        ledger: Ledger,
        pipeline: str,
        kind: RunKind,
        as_of: dt.date,
        *,
        fields: dict[str, object] | None = None,
        calls: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        """Prepare to record one run, however it ends.

        - `ledger`, `pipeline`, `kind`, `as_of`: where it is recorded, whose it is, of which kind, and for which day.
        - `fields`: those of the log's lines about it, to which its number is added.
        - `calls`: tells how many calls a service has had, by the name under which the run counts them.
        """
        self._fields = {} if fields is None else fields
        self._calls = calls
        self.kind = kind
        self.run: int | None = None
        self._ledger = ledger
        self._pipeline = pipeline
        self._as_of = as_of
        self._started = _now()
        self._counts: Mapping[str, int] = {}

    def begin(self, *, plan: Plan | None, changes: Sequence[Change], undoes: int | None = None) -> int:
        """Write down what the run is about to do, and return its number."""
        self._counts = plan.summary if plan else {}
        self.run = self._ledger.begin(
            self._pipeline, self.kind, self._as_of, self._started, plan=plan, changes=changes, undoes=undoes
        )
        self._fields["run"] = self.run
        return self.run

    def finish(self, counts: Mapping[str, int], *, partly: bool) -> None:
        """Write down that the run has done what could be done."""
        assert self.run is not None
        outcome: RunOutcome = "partly" if partly else "done"
        self._ledger.finish(self.run, outcome, _now(), self._with_calls(counts))
        log.info("%s: %s", outcome, _in_words(counts), extra={"fields": {"outcome": outcome, "counts": dict(counts)}})

    def fail(self, error: BaseException) -> None:
        """Record what the run failed with.

        A person who stopped it, or named a wrong run to undo, knows it already.
        """
        if isinstance(error, StoppedError) and self.run is None:
            return
        message, code = redacted(_message(error)), _exit_code(error)
        if self.run is not None:
            self._ledger.finish(self.run, "failed", _now(), self._with_calls(self._counts), message, code)
        elif isinstance(error, Exception) and self.kind not in BY_HAND:
            self.run = self._ledger.failed(self._pipeline, self.kind, self._as_of, self._started, _now(), message, code)

    def _with_calls(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        return {**counts, **self._calls()}


@contextmanager
def opened(settings: Settings, kind: RunKind, tell: Telling | None = None) -> Iterator[Pipeline]:
    """The pipeline for a run of this kind, see `open_pipeline`; a failure is recorded as a run."""
    with ExitStack() as stack:
        try:
            pipeline = stack.enter_context(open_pipeline(settings, tell))
        except FivestepError as fault:
            with _quietly("the run could not be recorded"):
                _record_unopened(settings, kind, fault)
            raise
        yield pipeline


@contextmanager
def recorded(pipeline: Pipeline, kind: RunKind, as_of: dt.date) -> Iterator[Attempt]:
    """A run of this kind; the pipeline must be locked. Its keeper and the sheet hear of how it ended.

    Whatever is raised in the block is written down and goes on.
    """
    with about(pipeline=pipeline.name, job=kind) as fields:
        attempt = Attempt(pipeline.ledger, pipeline.name, kind, as_of, fields=fields, calls=lambda: pipeline.calls)
        before = pipeline.ledger.last_success(pipeline.name)
        if kind not in BY_HAND:
            # Runs that were ended from outside could tell nobody themselves.
            _tell_the_keeper(pipeline, as_of)
        try:
            yield attempt
        except BaseException as error:
            with _quietly("the run could not be recorded"):
                attempt.fail(error)
                if isinstance(error, Exception) and not isinstance(error, StoppedError) and kind not in BY_HAND:
                    _after_failure(pipeline, as_of)
            raise
        if kind not in BY_HAND:
            _after_success(pipeline, before)


def record_ended(
    settings: Settings, kind: RunKind, began: dt.datetime, message: str, code: int | None = None
) -> RunOutcome | None:
    """Record a run whose process has ended and was not `done`, unless it has said itself how it ended.

    - `settings`, `kind`, `began`: whose run, of which kind, and when it began.
    - `message`: what is known of its end.
    - `code`: the process's own exit code; None where it was ended from outside, which is then what is recorded.

    Returns how the run ended as the ledger has it, None where it can't be asked. Raises no FivestepError.
    """
    outcome: RunOutcome | None = None
    name, how = settings.pipeline.name, UnreachableError.exit_code if code is None else code
    with _quietly("a run that was ended could not be recorded"), ledger_of(settings) as ledger:
        latest, outcome = next(iter(ledger.runs(name, 1)), None), "failed"
        if latest is None or latest.kind != kind or latest.started < began:
            ledger.failed(name, kind, today(settings), began, _now(), redacted(message), how)
        elif latest.outcome == "open" or (code is None and latest.outcome == "failed"):
            ledger.finish(latest.id, "failed", _now(), latest.counts, redacted(message), how)
        else:
            outcome = latest.outcome
    return outcome


def _record_unopened(settings: Settings, kind: RunKind, fault: FivestepError) -> None:
    with ledger_of(settings) as ledger:
        Attempt(ledger, settings.pipeline.name, kind, today(settings)).fail(fault)


def _after_failure(pipeline: Pipeline, as_of: dt.date) -> None:
    _tell_the_keeper(pipeline, as_of)
    with _quietly("the heartbeat could not be written"):
        heartbeat.beat(pipeline, _now())


def _tell_the_keeper(pipeline: Pipeline, as_of: dt.date) -> None:
    with _quietly("the keeper could not be told"):
        keeper_notice.notify(pipeline, as_of)


def _after_success(pipeline: Pipeline, before: RunRecord | None) -> None:
    now = _now()
    if before is None or before.started.date() != now.date():
        with _quietly("the ledger could not be pruned"):
            keep = dt.timedelta(days=pipeline.settings.ledger.keep_days)
            pipeline.ledger.prune(pipeline.name, now - dt.timedelta(days=IDLE_DAYS), now - keep)
    with _quietly("the heartbeat could not be written"):
        heartbeat.beat(pipeline, now)


@contextmanager
def _quietly(what: str) -> Iterator[None]:
    """What follows a run must not change how it ended; a person reads of it in the log."""
    try:
        yield
    except FivestepError as fault:
        log.warning("%s: %s", what, fault)
    except Exception:
        log.exception("%s", what)


def _in_words(counts: Mapping[str, int]) -> str:
    done = [f"{counts[name]} {name}" for name in ("written", "created", "skipped", "failed") if counts.get(name)]
    return ", ".join(done) or "nothing was left to do"


def _exit_code(error: BaseException) -> int:
    if isinstance(error, FivestepError):
        return error.exit_code
    return INTERRUPTED_CODE if isinstance(error, KeyboardInterrupt) else DEFECT_CODE


def _message(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "it was stopped with Ctrl-C before it was done"
    return str(error) or type(error).__name__


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
