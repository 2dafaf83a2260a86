"""A sheet over records: what it asks of a store, and what it says where the store goes away in the middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from fivestep.connectors.sheet import (
    RECORD_ID,
    Change,
    LostAnswerError,
    RecordSheet,
    Sheet,
    StoreRecord,
    UnreachableError,
    WriteRequest,
    Written,
)
from fivestep.connectors.testing.sheet import Rows, SheetContract


class Store(RecordSheet):
    """Records in memory; `faults` are raised by the next calls of `update`, None by none."""

    at_once = 2
    name = "store"

    def __init__(self, fields: Sequence[str], records: Mapping[str, Mapping[str, str]]) -> None:
        self.names = list(fields)
        self.kept = {record: dict(texts) for record, texts in records.items()}
        self.updates: list[list[str]] = []
        self.faults: list[Exception | None] = []

    def fields(self) -> Sequence[str]:
        return self.names

    def records(self) -> Sequence[StoreRecord]:
        return [StoreRecord(record, texts) for record, texts in self.kept.items()]

    def add_field(self, name: str) -> None:
        self.names.append(name)

    def update(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault:
            raise fault
        self.updates.append(list(texts))
        for record, changed in texts.items():
            self.kept[record].update(changed)


class TestContract(SheetContract):
    @pytest.fixture(autouse=True)
    def _store(self) -> None:
        self.store = Store([], {})

    def fill(self, rows: Rows) -> Sheet:
        fields, *records = rows
        self.store.names = list(fields)
        self.store.kept = {f"rec-{row[1]}": dict(zip(fields, row, strict=False)) for row in records}
        return self.store


FIVE = {f"r{n}": {"Deal": f"Deal {n}"} for n in range(5)}


def five_changes(store: Store) -> tuple[WriteRequest, list[Written]]:
    """To write a status to each of five records, of which the third shows it already."""
    base = store.read()
    changes = [Change(f"r{n}", n + 2, "Status", "", f"status {n}") for n in range(5)]
    store.kept["r2"]["Status"] = "status 2"
    return WriteRequest(base, 1, RECORD_ID, ["Status"], changes), [Written("written", n + 2) for n in range(5)]


def test_the_records_ids_are_one_more_column_by_which_deals_are_found() -> None:
    store = Store(["Deal"], FIVE)
    assert [list(row) for row in store.read().rows[:2]] == [["Deal", RECORD_ID], ["Deal 0", "r0"]]
    request, _ = five_changes(Store(["Deal", "Status"], FIVE))
    moved = Store(["Status", "Deal"], dict(reversed(FIVE.items())))
    assert moved.write(request) == [Written("written", 6 - n) for n in range(5)]
    assert [moved.kept[f"r{n}"]["Status"] for n in range(5)] == [f"status {n}" for n in range(5)]


def test_a_store_that_shows_its_ids_itself_gets_no_second_column() -> None:
    store = Store(["Deal", RECORD_ID], {"r1": {"Deal": "Acme", RECORD_ID: "r1"}})
    assert [list(row) for row in store.read().rows] == [["Deal", RECORD_ID], ["Acme", "r1"]]


def test_as_many_records_go_into_a_call_as_may_and_those_that_show_it_already_into_none() -> None:
    store = Store(["Deal", "Status"], FIVE)
    request, written = five_changes(store)
    assert store.write(request) == written
    assert store.updates == [["r0", "r1"], ["r3", "r4"]]


def test_a_store_that_goes_away_before_the_first_call_has_nothing_written() -> None:
    store = Store(["Deal", "Status"], FIVE)
    request, _ = five_changes(store)
    store.faults = [UnreachableError("try again later")]
    with pytest.raises(UnreachableError, match="try again later"):
        store.write(request)
    assert store.updates == []


def test_one_that_goes_away_in_the_middle_says_what_was_written_by_then() -> None:
    store = Store(["Deal", "Status"], FIVE)
    request, written = five_changes(store)
    store.faults = [None, UnreachableError("try again later")]
    failed = [Written("failed", row, "try again later") for row in (5, 6)]
    assert store.write(request) == [*written[:3], *failed]
    assert store.updates == [["r0", "r1"]]


def test_a_lost_answer_stays_one() -> None:
    store = Store(["Deal", "Status"], FIVE)
    request, _ = five_changes(store)
    store.faults = [None, LostAnswerError("nobody knows")]
    with pytest.raises(LostAnswerError):
        store.write(request)
