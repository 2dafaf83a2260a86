"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.google.server import GoogleServer
    from tests.shell import Shell

pytest.register_assert_rewrite("tests.contracts")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell in an empty folder."""
    from tests.shell import Shell

    monkeypatch.chdir(tmp_path)
    return Shell(capsys)


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    """A Google of its own for the test."""
    from tests.google.server import GoogleServer

    with GoogleServer() as server:
        yield server
