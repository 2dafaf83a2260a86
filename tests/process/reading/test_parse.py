"""From tables as people make them to deals and problems."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from fivestep.config.vocabulary.words import load_words
from fivestep.process.model.deal import KINDS, Deal, Value
from fivestep.process.model.merged_cells import MergedCells
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import Choice, Process, Stage
from fivestep.process.model.table import Cell, CellError, Table
from fivestep.process.reading.cells import Reading
from fivestep.process.reading.layout import find_layout
from fivestep.process.reading.parse import Parsed, parse
from tests.fakes.shared_data import DATA

STAGES = ("Prospecting", "Engaging", "Won", "Lost")
PROCESS = Process(
    "Test",
    {name: Stage(name) for name in STAGES},
    {**KINDS, "renewal": "date", "seats": "amount"},
    choices={"source": Choice({"web": "inbound"}, other="other")},
)

TOOLS = ("Deal ID", "Status")


def parsed(*rows: Sequence[Cell], columns: Mapping[str, str] | None = None, process: Process = PROCESS) -> Parsed:
    """The first row is the header, each of which is mapped to the field of its own name if nothing else is said."""
    table = Table("Deals", rows)
    known = {*KINDS, *process.kinds}
    columns = columns or {str(header): str(header) for header in rows[0] if header in known}
    return parse(table, find_layout(table, columns, TOOLS), process, Reading(load_words()), {"Talking": "Engaging"})


def only(result: Parsed) -> Deal:
    """The one deal, of which nothing was wrong."""
    assert result.problems == []
    (deal,) = result.deals
    return deal


def test_a_row_becomes_a_deal() -> None:
    deal = only(
        parsed(
            [
                "id",
                "deal",
                "company",
                "stage",
                "amount",
                "email",
                "probability",
                "proposal_sent",
                "referrals",
                "source",
            ],
            [
                "D-1",
                " Rollout ",
                "Northwind",
                "Talking",
                "$12,500",
                "Ana <ana@Northwind.example>",
                "40%",
                True,
                "A, B",
                "TV",
            ],
        )
    )
    assert deal == Deal(
        row=2,
        id="D-1",
        deal="Rollout",
        company="Northwind",
        stage="Engaging",
        stage_word="Talking",
        amount=12500.0,
        currency="USD",
        email="ana@northwind.example",
        probability=0.4,
        proposal_sent=True,
        referrals=("A", "B"),
        source="other",
    )


def test_blank_cells_are_none_and_rows_may_be_ragged() -> None:
    deal = only(parsed(["stage", "deal", "need", "created", "do_not_contact"], ["Won", "", "TBD", "n/a"]))
    assert deal == Deal(2, stage="Won", stage_word="Won")


def test_numbers_as_texts_lose_their_point() -> None:
    deal = only(parsed(["id", "stage", "deal", "phone"], [17.0, "Won", 2024, 4930123456.0]))
    assert (deal.id, deal.deal, deal.phone) == ("17", "2024", "4930123456")


@pytest.mark.parametrize(
    ("header", "currency"),
    [("Summe €", "EUR"), ("Amount (USD)", "USD"), ("Betrag CHF", "CHF"), ("Сумма, ₽", "RUB"), ("Won amount", None),
     ("Price in € / $", None), ("ALL DEALS AMOUNT", None), ("Amount", None)],
)  # fmt: skip
def test_a_header_may_name_the_currency_of_its_amounts(header: str, currency: str | None) -> None:
    columns = {"stage": "Stage", "amount": header}
    deals = parsed(["Stage", header], ["Pitch", 1200], ["Pitch", "£ 5"], ["Pitch", ""], columns=columns).deals
    assert [(deal.amount, deal.currency) for deal in deals] == [(1200.0, currency), (5.0, "GBP"), (None, None)]


def test_the_currency_column_comes_before_the_sign_beside_the_amount() -> None:
    rows = parsed(["stage", "amount", "currency"], ["Won", "$5", "eur"], ["Won", "$5", ""], ["Won", 5, "€"], ["Won", 5])
    assert [deal.currency for deal in rows.deals] == ["EUR", "USD", "EUR", None]


def test_cold_or_warm_follows_from_the_source_where_its_own_cell_is_blank() -> None:
    process = replace(PROCESS, cold_or_warm={"inbound": "warm"})
    rows = parsed(
        ["stage", "source", "lead_type"], ["Won", "web"], ["Won", "web", "cold"], ["Won", "TV"], process=process
    )
    assert [deal.lead_type for deal in rows.deals] == ["warm", "cold", None]
    assert [deal.lead_type for deal in parsed(["stage", "source"], ["Won", "web"], process=process).deals] == ["warm"]


def test_fields_of_the_teams_own() -> None:
    rows = parsed(
        ["stage", "renewal", "seats", "row"], ["Won", "2025-03-04", "$1,200.50", "x"], ["Won", None, "", "y"],
        columns={name: name for name in ("stage", "renewal", "seats", "row")},
    )  # fmt: skip
    expected: list[dict[str, Value]] = [{"renewal": dt.date(2025, 3, 4), "seats": 1200.5, "row": "x"}, {"row": "y"}]
    assert [deal.extra for deal in rows.deals] == expected
    assert [deal.row for deal in rows.deals] == [2, 3]
    assert rows.deals[0].currency is None


def test_a_tick_is_no_number_one() -> None:
    rows = parsed(["stage", "amount", "created"], ["Won", 1, 45720], ["Won", True, False], ["Won", 1.0, 45720])
    assert [deal.amount for deal in rows.deals] == [1, None, 1]
    assert [problem.message for problem in rows.problems] == [
        "B3: 'TRUE' is not an amount",
        "C3: 'FALSE' is not a date",
    ]


def test_a_cell_that_cannot_be_read_is_named_and_the_rest_of_the_row_counts() -> None:
    rows = parsed(["id", "stage", "created", "deal"], ["D-1", "Won", "31/02/2025", "Rollout"])
    assert rows.deals == [Deal(2, "D-1", stage="Won", stage_word="Won", deal="Rollout")]
    assert rows.problems == [
        Problem(
            "D-1",
            2,
            "created",
            "cell.date",
            "error",
            "C2: '31/02/2025' is not a date",
            "Type the day as year-month-day, such as 2025-04-03",
        )
    ]


@pytest.mark.parametrize("error", [CellError("#REF!"), "#REF!"])
def test_an_error_of_the_spreadsheet_in_any_mapped_column(error: Cell) -> None:
    rows = parsed(["stage", "id", "notes", "amount", "unmapped"], [error, error, error, error, error])
    assert [problem.rule for problem in rows.problems] == ["cell.error"] * 4
    assert rows.deals == [Deal(2, stage_word="#REF!")]


def test_stages_that_are_unknown_or_blank() -> None:
    rows = parsed(["stage", "deal"], ["Enganging", "a"], ["", "b"], ["?", "c"])
    assert [(deal.stage, deal.stage_word) for deal in rows.deals] == [(None, "Enganging"), (None, None), (None, "?")]
    assert [(p.rule, p.message) for p in rows.problems] == [
        ("stage.unknown", "A2: 'Enganging' is not a stage of the process"),
        ("stage.blank", "A3 names no stage"),
        ("stage.blank", "A4: '?' names no stage"),
    ]
    assert rows.problems[0].fix.startswith("Did you mean Engaging? ")


def test_whoever_may_not_be_contacted_stays_so_when_the_cell_cannot_be_read() -> None:
    rows = parsed(["stage", "do_not_contact"], ["Won", "asked us to stop"], ["Won", ""], ["Won", "no"])
    assert [deal.do_not_contact for deal in rows.deals] == [True, None, False]
    assert [problem.rule for problem in rows.problems] == ["cell.flag"]


def test_an_ambiguous_date_is_a_problem_in_every_cell_that_has_one() -> None:
    rows = parsed(["stage", "created"], ["Won", "3/4/2025"], ["Won", "5/6/2025"], ["Won", "7/7/2025"], ["Won", 45720])
    assert [deal.created for deal in rows.deals] == [None, None, dt.date(2025, 7, 7), dt.date(2025, 3, 4)]
    assert [problem.row for problem in rows.problems] == [2, 3]
    assert rows.problems[0].fix == "Type 2025-04-03 or 2025-03-04"  # what stands in the cell of a salesperson
    assert rows.problems[0].or_settings == 'set date_order = "day-month" or "month-day" under [pipeline]'


def test_columns_are_judged_each_by_its_own_evidence() -> None:
    rows = parsed(
        ["stage", "created", "last_contact"], ["Won", "3/4/2025", "3/4/2025"], ["Won", "25/4/2025", "4/25/2025"]
    )
    assert rows.deals[0].created == dt.date(2025, 4, 3)
    assert rows.deals[0].last_contact == dt.date(2025, 3, 4)


HEADER: list[Cell] = ["Deal ID", "deal", "stage", "amount", "owner", "fit", "Status", "unmapped"]


@pytest.mark.parametrize(
    "row",
    [
        [],
        [None] * 8,
        ["", " ", "\u00a0", "", "\u200b"],
        ["D-9", "", "", "", "", "", "Stalled: …", ""],
        ["", "", "", "", "", "", "", "a side table"],
        ["", "", "", 0, "Ana", False, "", ""],
        ["", False, "FALSE", "", "", "FALSE", "", ""],
        ["", 0, "", "", "", "", "", ""],
        ["", "Total", "", 99000],
        ["Grand total", "3 deals", None, 99000],
        ["", "SUMME:", "", 99000],
        ["", "", "Total 2025", 99000],
        HEADER,
        ["Deal ID", "deal", "stage", "amount", "owner", "", "", ""],
    ],
)
def test_rows_that_are_no_deals(row: list[Cell]) -> None:
    columns = {"id": "Deal ID", "deal": "deal", "stage": "stage", "amount": "amount", "owner": "owner", "fit": "fit"}
    rows = parsed(HEADER, ["D-1", "a", "Won"], row, ["D-2", "b", "Lost"], columns=columns)
    assert [(deal.row, deal.id) for deal in rows.deals] == [(2, "D-1"), (4, "D-2")]
    assert rows.problems == []


@pytest.mark.parametrize(
    "row",
    [
        ["", "Total Energies", "", 500],
        ["", "Total", "Won"],
        ["", "stage", "deal"],
        ["", CellError("#N/A"), ""],
    ],
)
def test_rows_that_are_deals_all_the_same(row: list[Cell]) -> None:
    assert [deal.row for deal in parsed(HEADER, row).deals] == [2]


def test_a_mapped_header_that_stands_there_twice() -> None:
    rows = parsed(["stage", "deal", "deal"], ["Won", "a", "b"])
    assert rows.deals[0].deal == "a"
    assert rows.problems == [
        Problem(
            "",
            1,
            "deal",
            "sheet.duplicate_header",
            "warning",
            "The columns B and C are both called 'deal'; B is read",
            "Rename the column that is not meant",
        )
    ]


def test_the_cell_of_a_problem_is_where_a_person_finds_it() -> None:
    table = Table("Deals", [["My pipeline"], [], ["", "stage", "created"], [], ["", "Won", "soon"]])
    layout = find_layout(table, {"stage": "stage", "created": "created"}, TOOLS)
    result = parse(table, layout, PROCESS, Reading(load_words()), {})
    assert [deal.row for deal in result.deals] == [5]
    assert result.problems[0].message == "C5: 'soon' is not a date"


def test_an_empty_sheet_has_no_deals() -> None:
    assert parsed(["stage", "deal"]) == Parsed([], [])


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder shared/data beside the repository is not there")
def test_eight_thousand_real_deals() -> None:
    with (DATA / "maven-crm" / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    columns = {
        "id": "opportunity_id", "owner": "sales_agent", "company": "account", "stage": "deal_stage",
        "stage_since": "engage_date", "expected_close": "close_date", "amount": "close_value",
    }  # fmt: skip
    result = parsed(*rows, columns=columns)
    assert result.problems == []
    assert Counter(deal.stage for deal in result.deals) == Counter(row[4] for row in rows[1:])
    assert sum(deal.amount or 0 for deal in result.deals) == sum(float(row[7] or 0) for row in rows[1:])
    days = [deal.stage_since and deal.stage_since.isoformat() for deal in result.deals]
    assert days == [row[5] or None for row in rows[1:]]


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder shared/data beside the repository is not there")
def test_a_real_export_with_a_line_of_schema_above_the_header() -> None:
    with (DATA / "trackers" / "08_funneler_sharepoint_Opportunities.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.reader(file))
    columns = {
        "deal": "Opportunity Name",
        "stage": "Stage",
        "amount": "Opportunity Value",
        "probability": "Win Probability",
        "expected_close": "Expected Close Date",
    }
    process = Process("Test", {name: Stage(name) for name in {row[3] for row in rows[2:]}}, KINDS)
    result = parsed(*rows, process=process, columns=columns)
    assert len(result.deals) == len(rows) - 2
    assert {problem.rule for problem in result.problems} == {"cell.percent"}
    assert result.deals[0].amount == 1488043.0
    assert result.deals[0].currency == "USD"
    assert result.deals[0].expected_close == dt.date(2026, 5, 15)


@pytest.mark.parametrize(
    ("first", "is_deal"),
    [
        ("Total", False), ("Total September", False), ("Gesamt 2026", False), ("Total: 3 deals", False),
        ("Summe offen", False), ("Gesamtsumme offene Angebote", False), ("Total won 2026", False),
        ("Open Systems", True),
        ("Total Q3 2026", False), ("November 2026", False), ("Q3 2026", False), ("Total Energies", True),
        ("May", False),
        ("May Ltd", True),
    ],
)  # fmt: skip
def test_rows_of_totals_and_banners_of_months_are_no_deals(first: str, is_deal: bool) -> None:
    result = parsed(["stage", "deal"], ["", first], ["Won", first])
    assert [deal.row for deal in result.deals] == ([2, 3] if is_deal else [3])


def test_a_month_that_stands_in_a_row_of_a_deal_is_one() -> None:
    assert len(parsed(["stage", "deal", "contact"], ["", "May", "Kim Lee"]).deals) == 1


def test_what_is_merged_over_rows_holds_for_each_that_says_something_itself() -> None:
    rows: list[list[Cell]] = [
        ["deal", "company", "stage", "do_not_contact", "owner"],
        ["Pump", "Fabrikam", "Won", "yes", "Ben"],
        ["Valve", "", "", "", ""],
        ["", "", "", "", ""],
        ["Tank", "Contoso", "Lost", "", "Ana"],
    ]
    merged = [MergedCells(2, column, 4, column) for column in (1, 2, 3, 4)]
    table = Table("Deals", rows, merged=merged)
    columns = {str(header): str(header) for header in rows[0]}
    result = parse(table, find_layout(table, columns, TOOLS), PROCESS, Reading(load_words()), {})
    assert [
        (deal.row, deal.deal, deal.company, deal.stage, deal.do_not_contact, deal.owner) for deal in result.deals
    ] == [
        (2, "Pump", "Fabrikam", "Won", True, "Ben"),
        (3, "Valve", "Fabrikam", "Won", True, "Ben"),
        (5, "Tank", "Contoso", "Lost", None, "Ana"),
    ]


def test_what_is_merged_over_columns_is_a_title_or_holds_for_the_first() -> None:
    rows: list[list[Cell]] = [
        ["deal", "company", "stage", "notes"],
        ["East", "", "", ""],
        ["Pump", "see Ana", "Won", ""],
    ]
    table = Table("Deals", rows, merged=[MergedCells(2, 0, 2, 3), MergedCells(3, 1, 3, 3)])
    columns = {str(header): str(header) for header in rows[0]}
    result = parse(table, find_layout(table, columns, TOOLS), PROCESS, Reading(load_words()), {})
    assert [(deal.deal, deal.company, deal.notes) for deal in result.deals] == [("Pump", "see Ana", None)]


def test_a_merged_header_over_two_rows_is_no_deal() -> None:
    rows: list[list[Cell]] = [["deal", "stage", "contact"], ["", "", "Name"], ["Pump", "Won", "Kim"]]
    table = Table("Deals", rows, merged=[MergedCells(1, 0, 2, 0), MergedCells(1, 1, 2, 1)])
    columns = {str(header): str(header) for header in rows[0]}
    result = parse(table, find_layout(table, columns, TOOLS), PROCESS, Reading(load_words()), {})
    assert [deal.deal for deal in result.deals] == ["Pump"]


WIDE: list[Cell] = ["Deal ID", "deal", "company", "stage", "amount", "email"]


@pytest.mark.parametrize(
    ("rows", "deals", "left_out"),
    [
        # A legend behind a gap and a total, and one right below the deals.
        ([[], ["", "Total", "", "", 5], ["", "Legend: red = urgent"]], [], [5]),
        ([["", "red = urgent"]], [], [3]),
        # A section's title between the deals.
        ([["", "East region"], ["", "b", "B", "Lost"]], [4], [3]),
        # Settings and a second legend below the table.
        ([[], ["", "Target", "5"], ["", "Rate", 0.92]], [], [4, 5]),
        # A legend of the stages, and rows to come in which a stage stands already.
        ([[], ["", "", "", "Won"], ["", "", "", "Engaging"]], [], [4, 5]),
        ([["", "", "", "Won"], ["", "b", "B", "Lost"]], [4], [3]),
        ([[], ["", "b", "", "Won"]], [4], []),
        # A summary and a key to the stages, each with its own header.
        ([[], ["", "Count", "", "Stage"], ["", 4, "", "Won", 500]], [], [4, 5]),
        ([[], ["", "", "", "Stage", "Odds"], ["", "", "", "Won", "100%"]], [], [4, 5]),
        ([["", "", "", "Won", 500], ["", 17, "", "Lost", 5]], [3, 4], []),
        # A line of dashes, and a button for a new row.
        ([["", "-----", "-----", "-----"], ["", "b", "B", "Lost"], ["", "+ Add deal"]], [4], [3, 5]),
        # Rows in which a template shows what to type.
        ([["", "[Deal name]", "[Company]", "[Stage]"], ["", "<add a deal>"]], [], [3, 4]),
        # What says more, has an ID, is an address, or stands in the table, may be a deal and stays one.
        ([["", "b", "B"]], [3], []),
        ([["D-2", "b"]], [3], []),
        ([["", "", "", "", "", "kim@b.example"]], [3], []),
        ([[], ["", "b", "B", "", 500]], [4], []),
        ([[], ["", "b", "B", "Won"], ["", "c", "C"]], [4, 5], []),
    ],
)
def test_what_stands_beside_the_deals_is_left_out_and_named(
    rows: list[list[Cell]], deals: list[int], left_out: list[int]
) -> None:
    columns = {"id": "Deal ID"} | {name: name for name in ("deal", "company", "stage", "amount", "email")}
    result = parsed(WIDE, ["D-1", "a", "A", "Won"], *rows, columns=columns)
    assert [deal.row for deal in result.deals] == [2, *deals]
    assert [aside.row for aside in result.left_out] == left_out


def test_a_text_of_the_tool_beside_a_legend_makes_it_no_deal() -> None:
    rows = parsed(
        ["deal", "company", "stage", "amount", "Status"], ["a", "A", "Won"], [], ["Note", "", "", "", "Stalled: …"]
    )
    assert [(aside.row, aside.says) for aside in rows.left_out] == [(4, "Note")]


def test_a_name_typed_right_below_the_deals_is_a_new_one() -> None:
    header = ["deal", "company", "stage", "amount", "owner"]
    titled = parsed(header, ["a", "A", "Won"], ["EMEA"], ["b", "B", "Pitch"], ["New pump"], ["Valves"])
    assert [deal.name for deal in titled.deals] == ["a", "b", "New pump", "Valves"]
    assert [(aside.row, aside.says) for aside in titled.left_out] == [(3, "EMEA")]
    below = parsed(header, ["a", "A", "Won"], [], ["New pump"])
    assert [aside.says for aside in below.left_out] == ["New pump"]


def test_a_blank_stage_can_mean_one() -> None:
    rows: list[list[Cell]] = [
        ["deal", "company", "stage", "email"],
        ["a", "A", ""],
        ["b", "B", " - "],
        ["c"],
        ["d: note"],
    ]
    table = Table("Deals", rows)
    columns = {str(header): str(header) for header in rows[0]}
    layout = find_layout(table, columns, TOOLS)
    result = parse(table, layout, PROCESS, Reading(load_words()), {"": "Prospecting"})
    assert [(deal.deal, deal.stage) for deal in result.deals] == [(name, "Prospecting") for name in "abc"]
    assert [aside.row for aside in result.left_out] == [5]
    assert result.problems == []
    assert {p.rule for p in parse(table, layout, PROCESS, Reading(load_words()), {}).problems} == {"stage.blank"}


@pytest.mark.parametrize(
    ("contact", "email", "name", "address"),
    [
        ("Ann Lee (ann@acme.example)", "", "Ann Lee", "ann@acme.example"),
        ("Ann Lee <ann@acme.example>", "", "Ann Lee", "ann@acme.example"),
        ("Lee, Ann - ann@acme.example", "", "Lee, Ann", "ann@acme.example"),
        ("ann@acme.example (Ann Lee)", "", "Ann Lee", "ann@acme.example"),
        ("ann@acme.example", "", "ann@acme.example", "ann@acme.example"),
        ("Ann Lee (ann@acme.example)", "lee@acme.example", "Ann Lee", "lee@acme.example"),
        ("Ann Lee (ann@acme.example)", "ask Ben", "Ann Lee", None),
        ("Ann (a@b.example, c@d.example)", "", "Ann", None),
        ("Ann @ Acme", "", "Ann @ Acme", None),
        ("Ann a..b@acme.example", "", "Ann a..b@acme.example", None),
    ],
)
def test_an_address_beside_the_contacts_name(contact: str, email: str, name: str, address: str | None) -> None:
    deal = parsed(["stage", "contact", "email"], ["Won", contact, email]).deals[0]
    assert (deal.contact, deal.email) == (name, address)


def test_an_address_beside_a_name_where_no_column_has_addresses() -> None:
    rows = parsed(["stage", "contact", "owner"], ["Won", "Ann (ann@a.example)", "ben@b.example"], ["Won", "Bo", "Ana"])
    assert [(deal.contact, deal.email) for deal in rows.deals] == [("Ann", "ann@a.example"), ("Bo", None)]
    assert [(deal.owner, deal.owner_email) for deal in rows.deals] == [
        ("ben@b.example", "ben@b.example"),
        ("Ana", None),
    ]
