"""The queue of due jobs in a real PostgreSQL: each queued once, whoever dies."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing

import pytest

from fivestep.connectors.database import queue as queue_module
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.database.queue import Queue, QueuedJob
from fivestep.errors import CredentialsError, SettingsError, UnreachableError
from tests.fakes.postgres import Server

# These need a database server of their own.
pytestmark = pytest.mark.slow

DUE = dt.datetime(2026, 11, 23, 8, 30, tzinfo=dt.UTC)

HANGING = """
import asyncio, sys
from fivestep.connectors.database import queue

queue.HEARTBEAT = 0.2

async def hang(queued):
    print(queued.pipeline, flush=True)
    await asyncio.sleep(600)

asyncio.run(queue.Queue(sys.argv[1]).work(lambda: ["team"], hang))
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "HEARTBEAT", 0.2)
    monkeypatch.setattr(queue_module, "DEAD_AFTER", 1.0)


@pytest.fixture
def queue(url: str) -> Iterator[Queue]:
    with closing(Queue(url)) as queue:
        yield queue


def waiting(server: Server, url: str) -> list[tuple[str, str]]:
    """The jobs that are in the queue, and how they stand."""
    found = server.ask(
        "SELECT args->>'pipeline', status::text FROM procrastinate_jobs ORDER BY id", url.rpartition("/")[2]
    )
    return [(pipeline, status) for pipeline, status in found]


def work(
    queue: Queue,
    carry_out: Callable[[QueuedJob], Awaitable[dt.timedelta | None]],
    until: int,
    *pipelines: str,
    at_once: int = 1,
) -> list[QueuedJob]:
    """What a worker got, once it got so many jobs; it is stopped then."""
    got: list[QueuedJob] = []

    async def main() -> None:
        enough = asyncio.Event()

        async def count(queued: QueuedJob) -> dt.timedelta | None:
            got.append(queued)
            try:
                return await carry_out(queued)
            finally:
                if len(got) >= until:
                    enough.set()

        working = asyncio.create_task(queue.work(lambda: pipelines or ("team",), count, at_once))
        ended = asyncio.create_task(enough.wait())
        await asyncio.wait([working, ended], timeout=20, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0.1)
        working.cancel()
        await asyncio.wait([working])
        ended.cancel()

    asyncio.run(main())
    return got


async def fine(queued: QueuedJob) -> None:
    pass


def test_an_occasion_is_given_to_one_worker(queue: Queue, url: str, server: Server) -> None:
    assert queue.put("team", "sync", DUE)
    assert not queue.put("team", "sync", DUE)
    assert work(queue, fine, 1) == [("team", "sync", DUE, 0)]
    assert not queue.put("team", "sync", DUE)
    assert waiting(server, url) == []


def test_many_clocks_put_it_there_once(url: str, server: Server) -> None:
    clocks = [Queue(url) for _ in range(6)]
    ready = threading.Barrier(len(clocks))

    def tick(clock: Queue) -> None:
        ready.wait()
        for minute in range(10):
            clock.put("team", "sync", DUE + dt.timedelta(minutes=minute))

    threads = [threading.Thread(target=tick, args=(clock,)) for clock in clocks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waiting(server, url) == [("team", "todo")] * 10


def test_a_clock_without_a_queue_and_one_with_it_share_the_occasions(queue: Queue, url: str) -> None:
    with closing(SqlLedger(url)) as ledger:
        assert ledger.claim("team", "sync", DUE)
        assert not queue.put("team", "sync", DUE)


def test_a_worker_leaves_pipelines_that_it_does_not_know_to_others(queue: Queue, url: str, server: Server) -> None:
    for name in ("elsewhere", "team", "Ärger\0"):
        queue.put(name, "sync", DUE)
    assert {queued.pipeline for queued in work(queue, fine, 2, "team", "Ärger\0")} == {"team", "Ärger\0"}
    assert waiting(server, url) == [("elsewhere", "todo")]


def test_a_pipeline_that_turns_up_later_is_served(queue: Queue) -> None:
    queue.put("late", "sync", DUE)
    names: list[str] = []
    got: list[str] = []

    async def main() -> None:
        async def carry_out(queued: QueuedJob) -> None:
            got.append(queued.pipeline)

        working = asyncio.create_task(queue.work(lambda: names, carry_out))
        await asyncio.sleep(0.5)
        assert not got
        names.append("late")
        for _ in range(100):
            await asyncio.sleep(0.1)
            if got:
                break
        working.cancel()
        await asyncio.wait([working])

    asyncio.run(main())
    assert got == ["late"]


def test_jobs_of_one_pipeline_come_one_after_the_other(queue: Queue) -> None:
    under_way: list[str] = []

    async def alone(queued: QueuedJob) -> None:
        assert queued.pipeline not in under_way
        under_way.append(queued.pipeline)
        await asyncio.sleep(0.05)
        under_way.remove(queued.pipeline)

    for minute in range(4):
        for name in ("team", "other"):
            queue.put(name, "sync", DUE + dt.timedelta(minutes=minute))
    got = work(queue, alone, 8, "team", "other", at_once=4)
    assert [queued.due.minute for queued in got if queued.pipeline == "team"] == [30, 31, 32, 33]


def test_a_busy_pipeline_is_tried_again(queue: Queue, url: str, server: Server) -> None:
    tries = []

    async def busy_at_first(queued: QueuedJob) -> dt.timedelta | None:
        tries.append(queued.tries)
        return dt.timedelta() if len(tries) < 3 else None

    queue.put("team", "sync", DUE)
    assert len(work(queue, busy_at_first, 3)) == 3
    assert tries == [0, 1, 2]
    assert waiting(server, url) == []


def test_a_job_that_failed_is_not_tried_again(queue: Queue, url: str, server: Server) -> None:
    async def fail(queued: QueuedJob) -> None:
        raise ValueError("a defect")

    queue.put("team", "sync", DUE)
    work(queue, fail, 1)
    assert waiting(server, url) == []


def test_a_worker_that_is_stopped_gives_its_job_back(queue: Queue, url: str, server: Server) -> None:
    ended = []

    async def hang(queued: QueuedJob) -> None:
        started.set()
        try:
            await asyncio.sleep(600)
        finally:
            ended.append(queued)

    queue.put("team", "sync", DUE)

    async def main() -> None:
        nonlocal started
        started = asyncio.Event()
        working = asyncio.create_task(queue.work(lambda: ["team"], hang))
        await started.wait()
        working.cancel()
        await asyncio.wait([working])

    started = asyncio.Event()
    asyncio.run(main())
    assert ended == [("team", "sync", DUE, 0)]
    assert waiting(server, url) == [("team", "todo")]
    assert work(queue, fine, 1) == [("team", "sync", DUE, 1)]


def test_the_job_of_a_worker_that_is_killed_goes_to_another(
    queue: Queue, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    queue.put("team", "sync", DUE)
    queue.put("team", "sync", DUE + dt.timedelta(hours=1))
    with subprocess.Popen([sys.executable, "-c", HANGING, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "team\n"
        process.kill()
    with caplog.at_level(logging.WARNING, "fivestep"):
        assert [queued.due.hour for queued in work(queue, fine, 2)] == [8, 9]
    assert "a worker died over sync of 'team'" in caplog.text


def test_a_server_that_goes_away_is_told(queue: Queue, url: str, server: Server) -> None:
    async def main() -> None:
        working = asyncio.create_task(queue.work(lambda: ["team"], fine))
        await asyncio.sleep(0.7)
        server.stop()
        done, _ = await asyncio.wait([working], timeout=30)
        assert done
        with pytest.raises(UnreachableError, match="queue"):
            working.result()

    try:
        asyncio.run(main())
    finally:
        server.start()
    queue.put("team", "sync", DUE)
    assert work(queue, fine, 1) == [("team", "sync", DUE, 0)]


@pytest.mark.parametrize(
    ("url", "fault"),
    [("sqlite:///fivestep.db", SettingsError), ("postgresql://sales@127.0.0.1:1/x", UnreachableError)],
)
def test_what_is_no_queue(url: str, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        Queue(url).check()


def test_a_wrong_password(url: str) -> None:
    with pytest.raises(CredentialsError):
        Queue(url.replace("horse", "h0rse")).check()


def test_the_package_that_is_missing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="pip install procrastinate"):
        Queue(url)
