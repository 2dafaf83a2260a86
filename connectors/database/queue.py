"""The queue of due jobs in the ledger's PostgreSQL, filled and emptied by any number of machines.

Procrastinate does the work. Each pipeline has a queue of its own, so that a worker gets jobs of those pipelines only
whose settings it has. Jobs of one pipeline come one after the other; that no two of them ever run at once is seen to by
the ledger's hold, which the run takes itself: what the queue knows of a killed worker is half a minute old.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
import math
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import make_url, text

from fivestep.connectors.database.engine import is_postgresql
from fivestep.connectors.database.ledger import take_occasion
from fivestep.connectors.database.postgres import PostgresDatabase, connection_options
from fivestep.connectors.database.tables import with_null, without_null
from fivestep.errors import SettingsError, UnreachableError

if TYPE_CHECKING:
    from procrastinate import App, JobContext
    from procrastinate.jobs import Job
    from procrastinate.retry import BaseRetryStrategy, RetryDecision

TASK = "fivestep"
HEARTBEAT = 5.0
"""Seconds between two signs of life of a worker."""

DEAD_AFTER = 20.0
"""Seconds without a sign of life after which a worker's jobs are given to others."""

SERVER_PATIENCE = 5.0
"""Seconds until a server that does not answer counts as gone."""

_TABLES, _TAKE_OVER = 5_000_000_006, 5_000_000_007
"""Keys of advisory locks: to make the queue's tables, and to look after dead workers' jobs."""

log = logging.getLogger(__name__)


class QueuedJob(NamedTuple):
    """A job of a pipeline that is due, as the queue holds it."""

    pipeline: str
    job: str
    due: dt.datetime
    tries: int
    """How often it was begun before."""


CarryOut = Callable[[QueuedJob], Awaitable[dt.timedelta | None]]
"""Carries out a job; returns after how long it is to be tried again, None where it is over.

Cancelled: another worker shall have it.
"""


class _TryAgain(Exception):  # noqa: N818 - no error, but Procrastinate's way of putting a job back
    """The job is to be tried again, so much later."""

    def __init__(self, pause: dt.timedelta) -> None:
        super().__init__(f"it is tried again in {pause.total_seconds():g} s")
        self.pause = pause


class Queue:
    """The jobs of all pipelines whose ledger is in this database."""

    def __init__(self, url: str) -> None:
        """Raises SettingsError where the ledger is not in PostgreSQL, or where the queue's package is missing."""
        if not is_postgresql(url):
            raise SettingsError(
                "machines share their work over a ledger in PostgreSQL: name one under [ledger] url "
                "(docs/many-machines.md)"
            )
        if find_spec("procrastinate") is None:
            raise SettingsError("to share work, fivestep needs its queue: pip install procrastinate")
        self._url = make_url(url)
        self._database = PostgresDatabase(self._url)
        self._ready = False

    def check(self) -> None:
        """Make the queue's missing tables, after the ledger's own; raises what prevents it."""
        if self._ready:
            return
        from procrastinate.schema import SchemaManager

        with self._database.writing() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TABLES})
            if connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is None:
                connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
        self._ready = True

    def put(self, pipeline: str, job: str, due: dt.datetime) -> bool:
        """Add a job; False where this occasion has been taken already. Of all clocks, one adds it."""
        self.check()
        with self._database.writing() as connection:
            if not take_occasion(connection, pipeline, job, due):
                return False
            name = queue_name(pipeline)
            self._app().configure_task(
                TASK, queue=name, lock=name, connection=connection.connection.driver_connection
            ).defer(pipeline=without_null(pipeline), job=job, due=due.isoformat())
        return True

    async def work(self, pipelines: Callable[[], Collection[str]], carry_out: CarryOut, at_once: int = 1) -> None:
        """Carry out what is due, until cancelled; `pipelines` is asked again and again.

        Raises UnreachableError where the server goes away.
        """
        from procrastinate.exceptions import ConnectorException
        from psycopg import Error

        await asyncio.to_thread(self.check)
        app = self._app(carry_out)
        queues = await _queues(pipelines)
        try:
            async with app.open_async(), asyncio.TaskGroup() as tasks:
                aside = [tasks.create_task(_follow(pipelines, queues)), tasks.create_task(self._look_after_dead(app))]
                # It returns by itself only where one of its connections was lost.
                await app.run_worker_async(
                    queues=queues,
                    concurrency=at_once,
                    install_signal_handlers=False,
                    delete_jobs="always",
                    shutdown_graceful_timeout=0,
                    fetch_job_polling_interval=2,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=DEAD_AFTER,
                )
                for task in aside:
                    task.cancel()
        except* (ConnectorException, Error):
            pass
        raise UnreachableError(f"the queue in {self._database.name} can't be reached: try again later")

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _app(self, carry_out: CarryOut | None = None) -> App:
        from procrastinate import App, PsycopgConnector

        app = App(
            connector=PsycopgConnector(
                kwargs=connection_options(self._url), min_size=1, max_size=4, timeout=SERVER_PATIENCE
            )
        )

        async def due(context: JobContext, pipeline: str, job: str, due: str) -> None:
            if carry_out is not None:
                moment, tries = dt.datetime.fromisoformat(due), context.job.attempts
                pause = await carry_out(QueuedJob(with_null(pipeline) or "", job, moment, tries))
                if pause is not None:
                    raise _TryAgain(pause)

        app.task(name=TASK, retry=_again(), pass_context=True)(due)
        return app

    async def _look_after_dead(self, app: App) -> None:
        """Give the jobs of dead workers to others, again and again."""
        pool: Any = app.connector.pool  # type: ignore[attr-defined]
        while True:
            async with pool.connection() as connection:
                taken = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (_TAKE_OVER,))
                # On one machine at a time: on a second one the job could be under way again already.
                if (await taken.fetchone())[0]:
                    await _take_over(app)
            await asyncio.sleep(HEARTBEAT)


async def _take_over(app: App) -> None:
    from procrastinate.exceptions import ConnectorException

    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        log.warning(
            "a worker died over %s of %r: another one gets it", job.task_kwargs["job"], job.task_kwargs["pipeline"]
        )
        # It may have been alive after all, and done by now.
        with suppress(ConnectorException):
            await app.job_manager.retry_job(job)


def queue_name(pipeline: str) -> str:
    """The name of a pipeline's own queue, short enough for a channel of PostgreSQL's."""
    return f"fivestep-{hashlib.sha256(pipeline.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


async def _queues(pipelines: Callable[[], Collection[str]]) -> list[str]:
    return sorted(map(queue_name, await asyncio.to_thread(pipelines)))


async def _follow(pipelines: Callable[[], Collection[str]], queues: list[str]) -> None:
    """Keep the list of queues up to date with the settings; the worker reads it before each job."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        queues[:] = await _queues(pipelines)


def _again() -> BaseRetryStrategy:
    from procrastinate.retry import BaseRetryStrategy, RetryDecision

    class Again(BaseRetryStrategy):
        """What is tried again: a job that had to wait, and one whose worker was stopped."""

        def get_retry_decision(
            self,
            *,
            exception: BaseException,
            job: Job,  # noqa: ARG002 - the signature is Procrastinate's
        ) -> RetryDecision | None:
            if isinstance(exception, _TryAgain):
                return RetryDecision(retry_in={"seconds": math.ceil(exception.pause.total_seconds())})
            return RetryDecision(retry_in={"seconds": 0}) if isinstance(exception, asyncio.CancelledError) else None

    return Again()
