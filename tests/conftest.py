"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.fakes.google.server import GoogleServer
    from tests.fakes.postgres import Server
    from tests.fakes.shell import Shell


# How long an example takes says more about the machine, and what else it does, than about the code.
hypothesis.settings.register_profile("any machine", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell in an empty folder."""
    from tests.fakes.shell import Shell

    monkeypatch.chdir(tmp_path)
    return Shell(capsys)


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    """A Google of its own for the test."""
    from tests.fakes.google.server import GoogleServer

    with GoogleServer() as server:
        yield server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, one for all tests of this process."""
    from tests.fakes.postgres import postgres, programs

    pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed")
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql), or there is no user to run it as")
    with postgres() as running:
        yield running


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with server.database() as url:
        yield url
