"""The figures of the pipelines, from their ledgers, whoever ran them and wherever that was.

Counters go up by the runs that have ended since they were last asked for. The only module that imports
prometheus-client.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fivestep.config.settings.model import Settings
from fivestep.config.settings.timetables import timetables
from fivestep.connectors.ledger import Ledger, RunRecord
from fivestep.connectors.registry import ledger_of
from fivestep.errors import DEFECT_CODE, FivestepError, kind_of
from fivestep.process.model.history import NO_DEAL
from fivestep.process.model.plan import STATUSES
from fivestep.version import VERSION

disable_created_metrics()  # a second series for each counter, which nobody asks for

LATEST = 200
"""So many runs of one pipeline are counted at most between two times at which the figures are asked for."""

_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)

_RUN = ("pipeline", "job")


class Metrics:
    """The figures of the pipelines that are served."""

    def __init__(self, pipelines: Callable[[], Mapping[str, Settings]], silence: Callable[[], float]) -> None:
        """`silence` tells how many seconds ago the scheduler gave a sign of life."""
        registry = CollectorRegistry()
        self._registry = registry
        self._pipelines = pipelines
        self._seen: dict[tuple[str, str], int] = {}
        self._runs = Counter("fivestep_runs", "Runs by how they ended", (*_RUN, "outcome"), registry=registry)
        self._failures = Counter(
            "fivestep_run_failures", "Runs that failed, by what kept them", (*_RUN, "cause"), registry=registry
        )
        self._seconds = Histogram(
            "fivestep_run_seconds", "How long runs took", _RUN, buckets=_SECONDS, registry=registry
        )
        self._drafts = Counter("fivestep_drafts", "Drafts made", ("pipeline",), registry=registry)
        self._cells = Counter("fivestep_cells_written", "Cells written", ("pipeline",), registry=registry)
        self._calls = Counter("fivestep_google_calls", "Calls to Google", ("pipeline",), registry=registry)
        self._gauges = _Gauges(silence)
        registry.register(self._gauges)

    def text(self) -> tuple[bytes, str]:
        """The figures as they are now, and their content type."""
        self._gauges.begin()
        # By name: two with one name would be one to whoever reads this.
        for settings in {settings.pipeline.name: settings for settings in self._pipelines().values()}.values():
            self._ask(settings)
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _ask(self, settings: Settings) -> None:
        name = settings.pipeline.name
        try:
            with ledger_of(settings) as ledger:
                self._count(settings, ledger.runs(name, LATEST))
                self._gauges.take(settings, ledger)
        except FivestepError:
            self._gauges.unreachable(name)

    def _count(self, settings: Settings, newest_first: list[RunRecord]) -> None:
        """Add the runs that have ended since the last time; the first time sets the beginning."""
        name, place = settings.pipeline.name, (settings.ledger_url, settings.pipeline.name)
        ended = [run for run in newest_first if run.outcome != "open" or run.id < newest_first[0].id]
        latest = ended[0].id if ended else 0
        if place not in self._seen:
            self._begin_at_nought(settings)
            self._seen[place] = latest
        for run in ended:
            if run.id > self._seen[place]:
                self._add(name, run)
        self._seen[place] = max(latest, self._seen[place])

    def _begin_at_nought(self, settings: Settings) -> None:
        """A counter that is not there before its first event hides that event from a rate."""
        name = settings.pipeline.name
        for counter in (self._drafts, self._cells, self._calls):
            counter.labels(name)
        for table in timetables(settings):
            for outcome in ("done", "partly", "failed"):
                self._runs.labels(name, table.job, outcome)

    def _add(self, name: str, run: RunRecord) -> None:
        cut_off = run.outcome == "open"
        self._runs.labels(name, run.kind, "failed" if cut_off else run.outcome).inc()
        if not run.succeeded:
            cause = "cut off" if cut_off else kind_of(run.exit_code or DEFECT_CODE)
            self._failures.labels(name, run.kind, cause).inc()
        if run.finished is not None:
            self._seconds.labels(name, run.kind).observe((run.finished - run.started).total_seconds())
        for counter, count in ((self._drafts, "created"), (self._cells, "written"), (self._calls, "google calls")):
            counter.labels(name).inc(run.counts.get(count, 0))


class _Gauges(Collector):
    """How things stand: made anew each time, so that a pipeline that is gone leaves nothing behind."""

    def __init__(self, silence: Callable[[], float]) -> None:
        self._silence = silence
        self.begin()

    def begin(self) -> None:
        """Forget the last time."""
        one = ("pipeline",)
        self._up = _gauge("fivestep_ledger_up", "Whether the pipeline's ledger can be read", one)
        self._age = _gauge(
            "fivestep_last_success_age_seconds", "How long ago the last good run ended; +Inf: never", one
        )
        self._row = _gauge("fivestep_failures_in_a_row", "Runs that have failed since the last good one", one)
        self._waiting = _gauge("fivestep_drafts_waiting", "Follow-up drafts that nobody has sent or deleted", one)
        self._deals = _gauge("fivestep_deals", "Deals by status, at the last good run", (*one, "status"))
        self._due = _gauge("fivestep_next_due_timestamp_seconds", "When a job is due next", _RUN)

    def take(self, settings: Settings, ledger: Ledger) -> None:
        """Add one pipeline."""
        name, now = settings.pipeline.name, dt.datetime.now(dt.UTC)
        good, failures = ledger.last_success(name), ledger.failures(name)
        ended = (good.finished or good.started) if good else None
        self._up.add_metric([name], 1)
        self._age.add_metric([name], (now - ended).total_seconds() if ended else float("inf"))
        self._row.add_metric([name], failures.runs if failures else 0)
        # What becomes of digests and notices nobody looks after: they would only ever grow more.
        waiting = [one for one in ledger.open_drafts(name) if one.record.deal != NO_DEAL]
        self._waiting.add_metric([name], len(waiting))
        for status in STATUSES if good else ():
            self._deals.add_metric([name, status], good.counts.get(status, 0) if good else 0)
        for table in timetables(settings):
            if (due := table.after(now)) is not None:
                self._due.add_metric([name, table.job], due.timestamp())

    def unreachable(self, name: str) -> None:
        """Add one pipeline whose ledger can't be read."""
        self._up.add_metric([name], 0)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All of them, and the scheduler's own."""
        yield from (self._up, self._age, self._row, self._waiting, self._deals, self._due)
        yield GaugeMetricFamily("fivestep_scheduler_silence_seconds", "Since its last sign of life", self._silence())
        version = _gauge("fivestep_build_info", "The version that serves", ("version",))
        version.add_metric([VERSION], 1)
        yield version


def _gauge(name: str, what: str, labels: tuple[str, ...]) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, labels=labels)
