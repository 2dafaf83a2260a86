"""Which columns are taken for which fields, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fivestep.config.vocabulary.words import load_words
from fivestep.jobs.proposing.proposal import Proposal, propose
from fivestep.process.model.deal import KINDS
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.model.table import Cell, Table

WORDS = {"lead": "Prospecting", "demo": "Pitch", "won": "Won"}
STAGES = {"Prospecting": Stage("Prospecting"), "Pitch": Stage("Pitch"), "Won": Stage("Won", kind="won")}
PROCESS = Process("Short", STAGES, KINDS, {}, WORDS)


def proposed(header: str, cells: Sequence[Cell], *others: str) -> Proposal:
    """The proposal for a sheet of stages, this column, and others of no content."""
    rows = [["Stage", header, *others], *(["Lead", cell] for cell in cells)]
    return propose([Table("Deals", rows)], load_words(), PROCESS)


def fields(proposal: Proposal, header: str) -> list[str]:
    return [column.field for column in proposal.columns if column.header == header]


@pytest.mark.parametrize(
    ("header", "cells", "field"),
    [
        ("From", ["ana@we.example", "ben@we.example", "ana@we.example"], "owner_email"),
        ("To", ["bo@x.example", "cy@y.example", "bo@x.example"], "email"),
        ("Account manager", ["ana@we.example", "ben@we.example"], "owner_email"),
        ("Account manager", ["Ana", "Ben"], "owner"),
        ("Betreuer E-Mail", ["ana@we.example", "ben@we.example"], "owner_email"),
        ("Where it ended", ["Open", "Closed Won", "Lost"], "outcome"),
        ("Where it ended", ["Open", "Open", "Active"], None),
        ("Where it ended", ["Open", "Won", "Asked again"], None),
        ("Payment status", ["Open", "Cancelled", "Open"], None),
        ("Won/Lost", ["W", "L", ""], "outcome"),
        ("Gewonnen-Zeit", ["2026-05-01", "2026-06-01"], "won_on"),
        ("Expected won date", ["2026-05-01", "2026-06-01"], None),
        ("Deal lost at", ["2026-05-01", "2026-06-01"], "lost_on"),
        ("Orderwaarde excl. btw", ["1.200,00", "900,00"], "amount"),
        ("Auftragswert zzgl. MwSt.", ["1.200,00", "900,00"], "amount"),
        ("MwSt. Betrag", ["1.200,00", "900,00"], None),
    ],
)
def test_what_a_column_is_for_headers_that_nobody_has_listed(
    header: str, cells: Sequence[Cell], field: str | None
) -> None:
    assert fields(proposed(header, cells), header) == ([] if field is None else [field])


@pytest.mark.parametrize("unit", ["k€", "T€", "TEUR", "Tsd. €", "K$", "Mio. EUR", "тыс. руб", "万円"])
def test_an_amount_in_thousands_is_not_sure(unit: str) -> None:
    [amount] = [column for column in proposed(f"Amount ({unit})", ["12", "8"]).columns if column.field == "amount"]
    assert amount.doubt.endswith("in the header is not read: a cell of 12 counts as 12")


@pytest.mark.parametrize("header", ["Amount (EUR)", "Amount", "Amount in EUR", "Deal value", "Montant (€)"])
def test_an_amount_in_its_currency_is_sure(header: str) -> None:
    assert [column.doubt for column in proposed(header, ["12", "8"]).columns if column.field == "amount"] == [""]


def test_a_column_of_one_word_that_is_a_stage_too_is_no_rival_of_the_stage() -> None:
    proposal = propose(
        [Table("Deals", [["Stage", "TYPE_ID"], ["Lead", "WON"], ["Demo", "WON"], ["Won", "WON"]])],
        load_words(),
        PROCESS,
    )
    assert [column.field for column in proposal.columns if column.doubt] == []


@pytest.mark.parametrize(
    ("header", "cells", "field"),
    [
        ("Kans (%)", ["10", "50"], "probability"),
        ("Kans", ["Project Amstel", "Project Breda"], "deal"),
        ("Opportunity", ["100000.00", "5000.00"], "amount"),
        ("Opportunity", ["Pumps", "Valves"], "deal"),
        ("Deal name", ["10 %", "20 %"], None),
        ("Deal name", ["2026-01-02", "2026-01-03"], None),
        ("Phone", ["$12,000", "$8,000.50"], None),
        ("Phone", [125000.0, 90000.0], None),
        ("Phone", ["+49 711 12345", "0171/5554433", "(555) 010-2030 x12"], "phone"),
        ("Phone", [15551234567.0, 4971112345.0], "phone"),
        ("Owner", ["ana@acme.example"], "owner_email"),
        ("Sales rep", ["ana@acme.example", "ben@acme.example"], "owner_email"),
        ("Owner", ["Ana"], "owner"),
        ("Contact", ["bo@x.example"], "email"),
        ("Expected order volume (€)", [20500.0, 42700.0], "amount"),
        ("Expected order volume (€)", ["many", "few"], None),
        ("How much", ["$12,500", "$4,000", "$900"], "amount"),
        ("Discount given", ["$12,500", "$4,000", "$900"], None),
        ("Next milestone", ["2026-01-02", "2026-03-04"], "next_contact"),
        ("Next milestone", ["kick-off", "demo"], None),
        ("Date of our last word", ["2026-01-02", "2026-03-04"], "last_contact"),
        ("Estágio atual", ["Lead", "Lead"], None),
    ],
)
def test_cells_decide_with_the_header(header: str, cells: Sequence[Cell], field: str | None) -> None:
    assert fields(proposed(header, cells), header) == ([field] if field else [])


@pytest.mark.parametrize(
    ("header", "cells", "both"),
    [
        ("Owner", ["Ann Lee (ann@x.example)", "Bob Ray <bob@x.example>"], ["owner", "owner_email"]),
        ("Associated Contact", ["Ann Lee (ann@x.example)", "Bob Ray (bob@y.example)"], ["contact", "email"]),
        ("Contact", ["Ann Lee", "Bob Ray"], ["contact"]),
    ],
)
def test_a_column_of_names_and_addresses_is_both(header: str, cells: Sequence[Cell], both: list[str]) -> None:
    assert sorted(fields(proposed(header, cells), header)) == both


def test_an_address_of_its_own_column_is_left_alone() -> None:
    rows = [["Stage", "Contact", "Email"], ["Lead", "Ann Lee (ann@x.example)", "ann@other.example"]]
    proposal = propose([Table("Deals", rows)], load_words(), PROCESS)
    assert [(column.field, column.header) for column in proposal.columns] == [
        ("stage", "Stage"), ("contact", "Contact"), ("email", "Email"),
    ]  # fmt: skip


def test_what_is_guessed_from_a_part_of_the_header_says_so() -> None:
    proposal = proposed("Expected order volume (€)", [20500.0, 42700.0])
    assert [column.doubt for column in proposal.columns] == ["", ""]
    proposal = proposed("Gross volume", [20500.0, 42700.0])
    assert proposal.columns[1].doubt == 'guessed from "volume" in the header, and from the cells'


def test_a_stage_that_a_person_has_named_is_taken_whatever_it_holds() -> None:
    rows = [["Deal", "Stage", "Ampel"], ["A", "Lead", "2026-01-01"], ["B", "Demo", "2026-02-01"]]
    proposal = propose([Table("Deals", rows)], load_words(), PROCESS, "ampel")
    assert [(column.field, column.header, column.doubt) for column in proposal.columns] == [
        ("deal", "Deal", ""), ("stage", "Ampel", ""),
    ]  # fmt: skip
