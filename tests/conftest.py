"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import Server, postgres, programs

pytest.register_assert_rewrite("tests.contracts")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, one for all tests of this process."""
    pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed")
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql), or there is no user to run it as")
    with postgres() as running:
        yield running
