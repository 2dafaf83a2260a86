"""Files with a past, as systems export them. Columns are apart by `|`; every day here is in 2026."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from fivestep.config.sales_process.load import BUILT_IN_PROCESS, load_process
from fivestep.config.texts.load import load_texts
from fivestep.config.vocabulary.words import load_words
from fivestep.jobs.importing.past_columns import past_columns
from fivestep.jobs.importing.past_file import NoPast, PastFile, read_past
from fivestep.jobs.importing.past_table import flow_table
from fivestep.process.model.table import Table
from fivestep.process.reading.cells import Reading
from fivestep.process.reading.column_reader import Dialect

TODAY = dt.date(2026, 11, 23)
PROCESS = load_process(BUILT_IN_PROCESS, "process", ("stage",), load_texts(None))


def read(table: Table, stages: dict[str, str] | None = None, history: dict[str, str] | None = None) -> PastFile:
    dialect = Dialect(Reading(load_words(), today=TODAY), PROCESS, stages or {})
    return read_past(table, past_columns(table, history or {}), dialect, TODAY)


def rows(text: str) -> Table:
    return Table("file", [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()])


def told(past: PastFile) -> list[str]:
    """Such as `D-1 Pitch 2026-03-01`."""
    assert (list(past.bad), dict(past.unknown)) == ([], {})
    return [f"{line.deal} {line.stage} {line.on}" for line in past.lines]


class TestALineForEachEntry:
    def test_deal_stage_and_day(self) -> None:
        past = read(
            rows("""
            deal | stage | on         | amount
            A    | Lead  | 2026-03-01 | 1200.50
            B    | Demo  | 2026-03-02 |
            A    | Demo  | 2026-03-05 | 1300
            A    | Demo  | 2026-03-06 | 1300
            A    | Won   | 2026-03-06 | 1300
        """)
        )
        assert told(past) == [
            "A Prospecting 2026-03-01", "A Pitch 2026-03-05", "A Won 2026-03-06", "B Pitch 2026-03-02",
        ]  # fmt: skip
        assert [line.amount for line in past.lines] == [1200.5, 1300, 1300, None]

    @pytest.mark.parametrize(
        "headers", ["Deal ID | Stage | Date", "Vorgang | Phase | Datum", "opportunity_id | stage_name | changed_at"]
    )
    def test_in_other_words(self, headers: str) -> None:
        past = read(rows(f"Export of 23 Nov\n{headers}\nA | Pitch | 13.03.2026\nA | Won | 01.04.2026"))
        assert told(past) == ["A Pitch 2026-03-13", "A Won 2026-04-01"]

    def test_the_order_of_the_file_counts_within_a_day_also_where_the_latest_stands_first(self) -> None:
        forward = ["A | Pitch | 2026-03-01", "A | Closing | 2026-03-05", "A | Pitch | 2026-03-05"]
        expected = ["A Pitch 2026-03-01", "A Closing 2026-03-05", "A Pitch 2026-03-05"]
        for lines in (forward, forward[::-1]):
            assert told(read(rows("\n".join(["deal | stage | on", *lines])))) == expected

    def test_the_teams_own_words(self) -> None:
        past = read(rows("deal | stage | on\nA | Firmas | 2026-03-01"), stages={"Firmas": "Closing"})
        assert told(past) == ["A Closing 2026-03-01"]

    def test_what_cannot_be_read_is_named_with_its_row(self) -> None:
        past = read(
            rows("""
            deal | stage  | on
            A    | Foo    | 2026-03-01
            A    | Bar    | 2026-03-01
            A    | Foo    | 2026-03-01
            A    | Pitch  | 2026-02-30
            A    | Pitch  |
            A    |        | 2026-03-01
                 | Pitch  | 2026-03-01
            A    | Pitch  | 2026-11-24
                 |        |
        """)
        )
        assert past.unknown == {"Foo": 2, "Bar": 1}
        assert past.bad == [
            "row 5 '2026-02-30' is not a date",
            "row 6 has no date",
            "row 7 names no stage",
            "row 8 names no deal",
            "row 9 is of 2026-11-24, which is still to come",
        ]

    @pytest.mark.parametrize(
        ("headers", "fault"),
        [("Stage | On", "which deal"), ("Deal | Owner", "a column for the stage"), ("Deal | Stage", "for the day")],
    )
    def test_a_file_that_tells_no_past(self, headers: str, fault: str) -> None:
        with pytest.raises(NoPast, match=fault):
            read(rows(f"{headers}\nA | Pitch"))


class TestSalesforce:
    def test_the_object_of_stage_history(self) -> None:
        past = read(
            rows("""
            Id  | OpportunityId   | StageName     | Amount | CloseDate  | CreatedDate              | IsDeleted
            008 | 006000000000001 | Prospecting   | 500    | 2026-06-30 | 2026-03-01T22:30:00.000Z | false
            009 | 006000000000001 | Prospecting   | 700    | 2026-06-30 | 2026-03-03T10:00:00.000Z | false
            010 | 006000000000001 | Closed Won    | 700    | 2026-06-30 | 2026-03-09T10:00:00.000Z | false
        """)
        )
        assert told(past) == ["006000000000001 Prospecting 2026-03-01", "006000000000001 Won 2026-03-09"]
        assert [line.amount for line in past.lines] == [500, 700]

    def test_the_report_of_opportunity_history(self) -> None:
        past = read(
            rows("""
            Opportunity Name | Opportunity ID | From Stage    | To Stage      | Created Date | Last Modified
            Press hall       | 006A           | Qualification | Proposal      | 2026-03-01   | 2026-03-05
            Press hall       | 006A           | Proposal      | Closed Lost   | 2026-03-01   | 2026-03-09
            Robot arm        | 006B           |               | Prospecting   | 2026-03-02   | 2026-03-02
        """)
        )
        assert told(past) == [
            "006A Qualification 2026-03-01", "006A Pitch 2026-03-05", "006A Lost 2026-03-09",
            "006B Prospecting 2026-03-02",
        ]  # fmt: skip
        assert past.names == {"006A": "Press hall", "006B": "Robot arm"}

    def test_the_history_of_all_fields(self) -> None:
        past = read(
            rows("""
            Opportunity ID | Edit Date  | Field / Event | Old Value   | New Value
            006A           | 2026-03-09 | Stage         | Pitch       | Closed Won
            006A           | 2026-03-06 | Amount        | 100         | 200
            006A           | 2026-03-05 | Stage         | Prospecting | Pitch
            006A           | 2026-03-01 | Created.      |             |
        """)
        )
        assert told(past) == ["006A Prospecting 2026-03-01", "006A Pitch 2026-03-05", "006A Won 2026-03-09"]


def change(field: str, old: Any, new: Any, time: str, **formatted: str) -> dict[str, Any]:
    data = {"item_id": 7, "field_key": field, "old_value": old, "new_value": new, "log_time": time}
    return {"object": "dealChange", "timestamp": time, "data": {**data, "additional_data": formatted}}


class TestPipedrive:
    def test_the_flow_of_a_deal(self) -> None:
        names = {"old_value_formatted": "Lead In", "new_value_formatted": "Demo"}
        flow = {
            "success": True,
            "data": [
                change("status", "open", "won", "2026-03-20 10:00:00"),
                change("status", "lost", "open", "2026-03-12 10:00:00"),
                change("status", "open", "lost", "2026-03-10 10:00:00"),
                {"object": "activity", "data": {"id": 1, "add_time": "2026-03-06 10:00:00"}},
                change("stage_id", 1, 3, "2026-03-05 10:00:00", **names),
                change("add_time", None, "2026-03-01 09:00:00", "2026-03-01 09:00:00"),
            ],
        }
        past = read(flow_table([flow], "flow.json"), stages={"Lead In": "Prospecting"})
        assert told(past) == [
            "7 Prospecting 2026-03-01", "7 Pitch 2026-03-05", "7 Lost 2026-03-10", "7 Pitch 2026-03-12",
            "7 Won 2026-03-20",
        ]  # fmt: skip

    def test_a_stage_without_its_name_is_known_by_its_number(self) -> None:
        table = flow_table([change("stage_id", 1, 3, "2026-03-05 10:00:00")], "flow.json")
        assert read(table).unknown == {"3": 1}
        assert told(read(table, stages={"3": "Pitch"})) == ["7 Pitch 2026-03-05"]

    def test_the_export_of_deals(self) -> None:
        headers = ["ID", "Title", "Stage", "Status", "Deal created", "Last stage change", "Won time", "Lost time"]
        past = read(
            rows(f"""
            {" | ".join(f"Deal - {header}" for header in headers)}
            1 | Press hall | Demo    | Won  | 2026-03-01 | 2026-03-04 | 2026-03-09 |
            2 | Robot arm  | Demo    | Open | 2026-03-01 | 2026-03-04 |            |
            3 | Gantry     | Demo    | Lost | 2026-03-01 |            |            | 2026-03-05
            4 | Gantry     | Lead    | Lost | 2026-03-01 |            |            | 2026-03-05
        """)
        )
        assert told(past) == [
            "1 Prospecting 2026-03-01", "1 Pitch 2026-03-04", "1 Won 2026-03-09",
            "2 Prospecting 2026-03-01", "2 Pitch 2026-03-04",
            "4 Prospecting 2026-03-01", "4 Lost 2026-03-05",
        ]  # fmt: skip
        assert past.left_out == 1, "nobody knows when the third came into its last stage"


class TestHubSpot:
    HEADERS = (
        'Record ID | Deal Name | Deal Stage | Create Date | Close Date | Date entered "Qualified (Sales Pipeline)" | '
        'Date exited "Qualified (Sales Pipeline)" | Date entered "Demo (Sales Pipeline)" | '
        'Date entered "Closed Won (Sales Pipeline)"'
    )

    def test_a_column_for_each_stage(self) -> None:
        past = read(
            rows(f"""
            {self.HEADERS}
            1 | Press hall | Closed Won | 2026-03-01 | 2026-03-31 | 2026-03-02 | 2026-03-05 | 2026-03-05 | 2026-03-09
            2 | Robot arm  | Demo       | 2026-03-02 | 2027-01-31 | 2026-03-02 | 2026-03-05 | 2026-03-05 |
            3 | Gantry     | Closed Lost| 2026-03-01 | 2026-03-20 | 2026-03-03 |            |            |
        """)
        )
        assert told(past) == [
            "1 Prospecting 2026-03-01", "1 Qualification 2026-03-02", "1 Pitch 2026-03-05", "1 Won 2026-03-09",
            "2 Qualification 2026-03-02", "2 Pitch 2026-03-05",
            "3 Prospecting 2026-03-01", "3 Qualification 2026-03-03", "3 Lost 2026-03-20",
        ]  # fmt: skip

    def test_a_deal_whose_stage_nobody_dates_is_left_out(self) -> None:
        past = read(
            rows(f"""
            {self.HEADERS}
            1 | Press hall | Contract sent | 2026-03-01 |            | 2026-03-02 | 2026-03-05 | 2026-03-05 |
            2 | Robot arm  | Closed Lost   | 2026-03-01 |            | 2026-03-02 |            |            |
            3 | Gantry     | Qualified     | 2026-03-01 |            | 2026-03-02 | 2026-03-04 | 2026-03-05 |
        """)
        )
        assert (told(past), past.left_out) == ([], 3)

    def test_a_stage_that_nobody_knows_counts_only_where_its_column_is_filled(self) -> None:
        table = rows("""
            Record ID | Date entered "Foo (Sales)" | Entered Pitch on | Date entered "Bar (Service)"
            1         | 2026-03-01                 | 2026-03-05       |
        """)
        past = read(table)
        assert past.unknown == {"Foo (Sales)": 1}
        assert told(read(table, history={'Date entered "Foo (Sales)"': "Qualification"})) == [
            "1 Qualification 2026-03-01", "1 Pitch 2026-03-05",
        ]  # fmt: skip

    def test_of_two_pipelines_the_first_day_counts(self) -> None:
        past = read(
            rows("""
            Record ID | Date entered "Pitch (Sales)" | Date entered "Pitch (Renewals)"
            1         |                              | 2026-03-05
            2         | 2026-03-04                   | 2026-03-03
        """)
        )
        assert told(past) == ["1 Pitch 2026-03-05", "2 Pitch 2026-03-03"]
