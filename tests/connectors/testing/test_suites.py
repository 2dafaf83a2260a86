"""The contract suites themselves: what they can do without, and that they notice a connector that does wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fivestep.connectors.sheet import Sheet
from fivestep.connectors.testing.sheet import Rows, SheetContract
from tests.connectors.test_record_sheet import Store

_WITHOUT = """
import sys
for name in ("pytest", "hypothesis"):
    sys.modules[name] = None
import fivestep.connectors.testing
"""


def test_the_package_of_the_suites_is_imported_without_what_they_need() -> None:
    subprocess.run([sys.executable, "-c", _WITHOUT], check=True)


def test_the_registry_brings_no_library_for_http() -> None:
    code = "import fivestep.connectors.registry as r, sys; r.login_kinds(); sys.exit('requests' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


class _Suite(SheetContract):
    """The suite on a store of which one thing is broken."""

    __test__ = False

    def __init__(self, store: Store) -> None:
        self.store = store

    def fill(self, rows: Rows) -> Sheet:
        fields, *records = rows
        self.store.names = list(fields)
        self.store.kept = {f"rec-{row[1]}": dict(zip(fields, row, strict=False)) for row in records}
        return self.store


class _Forgetful(Store):
    def update(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        pass


class _Clumsy(Store):
    def update(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        super().update({record: {**self.kept[record], "Notes": "", **changed} for record, changed in texts.items()})


class _Trimming(Store):
    def update(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        super().update({record: {k: v.strip() for k, v in changed.items()} for record, changed in texts.items()})


@pytest.mark.parametrize(
    ("store", "test"),
    [
        (_Forgetful, lambda suite: suite.test_writes_one_cell_and_nothing_else()),
        (_Clumsy, lambda suite: suite.test_new_columns_are_made_and_filled()),
        (_Trimming, lambda suite: suite.test_texts_stay_texts(" spaces around ")),
    ],
)
def test_what_is_broken_is_noticed(store: Callable[..., Store], test: Callable[[Any], None]) -> None:
    test(_Suite(Store([], {})))
    with pytest.raises(AssertionError):
        test(_Suite(store([], {})))
