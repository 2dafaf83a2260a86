"""What those see who watch over `fivestep serve`: is it alive, is it ready, and how its pipelines do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from fivestep.config.settings.model import Settings
from fivestep.connectors.registry import ledger_of
from fivestep.connectors.system.http_pages import Page, serving
from fivestep.errors import FivestepError
from fivestep.redact import redacted

ALIVE = 60.0
"""Seconds after which a loop that gave no sign hangs."""

Pipelines = Callable[[], Mapping[str, Settings]]
"""The settings of what is served just now, by file."""


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int


class Watch:
    """The pages, and the loop's signs of life."""

    def __init__(self, pipelines: Pipelines) -> None:
        from fivestep.jobs.scheduling.metrics import Metrics

        self._pipelines = pipelines
        self._metrics = Metrics(pipelines, self.silence)
        self._one_at_a_time = threading.Lock()
        self._beat = time.monotonic()

    def beat(self) -> None:
        """The loop is alive."""
        self._beat = time.monotonic()

    def silence(self) -> float:
        """Seconds since the last sign of life."""
        return time.monotonic() - self._beat

    def healthy(self) -> Page:
        """Whether the loop is alive; where it is not, a restart is all that helps."""
        if self.silence() <= ALIVE:
            return Page(200, b"alive\n")
        return Page(503, f"the scheduler has given no sign for {self.silence():.0f} seconds\n".encode())

    def ready(self) -> Page:
        """Whether there are settings, and each ledger can be asked."""
        pipelines = self._pipelines()
        faults = [] if pipelines else ["no settings are loaded"]
        with self._one_at_a_time:
            for settings in {settings.ledger_url: settings for settings in pipelines.values()}.values():
                try:
                    with ledger_of(settings) as ledger:
                        ledger.runs(settings.pipeline.name, 1)
                except FivestepError as fault:
                    faults.append(f"{settings.pipeline.name}: {redacted(str(fault))}")
        if faults:
            return Page(503, "".join(f"{fault}\n" for fault in faults).encode())
        return Page(200, f"ready, with {len(pipelines)} of its pipelines\n".encode())

    def metrics(self) -> Page:
        """The figures, in the text format of Prometheus."""
        with self._one_at_a_time:
            body, kind = self._metrics.text()
        return Page(200, body, kind)


@contextmanager
def watched(address: Address | None, pipelines: Pipelines) -> Iterator[Callable[[], None]]:
    """Answer on this address, if there is one, during the block; gives what the loop calls each turn.

    Raises UnreachableError where nobody can listen there.
    """
    if address is None:
        yield lambda: None
        return
    watch = Watch(pipelines)
    pages = {"/healthz": watch.healthy, "/readyz": watch.ready, "/metrics": watch.metrics}
    with serving(address.host, address.port, pages):
        yield watch.beat
