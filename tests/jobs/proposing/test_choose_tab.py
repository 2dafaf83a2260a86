"""Which of several tabs holds the deals, and sheets without headers."""

from __future__ import annotations

import pytest

from fivestep.config.vocabulary.words import load_words
from fivestep.jobs.proposing.proposal import NoHeaders, Proposal, propose
from fivestep.process.model.deal import KINDS
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.model.table import Table

STAGES = {"Prospecting": Stage("Prospecting"), "Pitch": Stage("Pitch"), "Won": Stage("Won", kind="won")}
PROCESS = Process("Short", STAGES, KINDS, {}, {"lead": "Prospecting", "proposal": "Pitch", "won": "Won"})
DEALS = "Deal | Stage\n A | Lead\n B | Proposal"


def table(title: str, text: str) -> Table:
    return Table(title, [[cell.strip() for cell in line.split("|")] for line in text.splitlines()])


def proposed(*tables: Table) -> Proposal:
    return propose(tables, load_words(), PROCESS)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Summary", "Stage | Amount | Probability | Currency\n Lead | 100 | 10% | EUR\n Proposal | 300 | 40% | EUR"),
        (
            "People",
            "Name | Company | Email | Phone | Owner | Status | Created\n"
            " Bo | X | bo@x.example | 1 | Ana | Active | 2026-01-02",
        ),
        ("Archive", "Deal | Company | Stage | Amount | Won on\n A | X | Won | 5 | 2025-01-01"),
        ("People", "Name | Email | Phone | Company\n Bo | bo@x.example | 0711 12345 | X"),
    ],
)
def test_the_tab_with_open_deals_goes_before(title: str, text: str) -> None:
    assert proposed(table(title, text), table("Deals", DEALS)).tab == "Deals"
    assert proposed(table("Deals", DEALS), table(title, text)).tab == "Deals"


def test_a_tab_of_formulas_goes_behind_what_it_shows() -> None:
    shows = Table("View", [["Deal", "Stage", "Amount"], ["A", "Lead", "5"], ["B", "Proposal", "6"]],
                  formulas={2: {0, 1, 2}, 3: {0, 1, 2}})  # fmt: skip
    assert proposed(shows, table("Deals", DEALS)).tab == "Deals"


@pytest.mark.parametrize(
    "text",
    [
        "Acme | Bo | bo@acme.example | Proposal | 12500\n Beta | Cy | cy@beta.example | Lead | 4000",
        "Acme | Proposal\n Beta | Lead\n Gamma | Lead\n Delta | Won",
        "Pumps | 2026-01-02 | 500",
    ],
)
def test_a_sheet_that_begins_with_a_deal_has_no_headers(text: str) -> None:
    with pytest.raises(NoHeaders, match=text.split(" ", maxsplit=1)[0]):
        proposed(table("Deals", text))


def test_figures_above_the_headers_are_no_deal() -> None:
    proposal = proposed(table("Deals", "Total | 12500\n Date | 2026-01-02\n" + DEALS))
    assert proposal.header_row == 3


def test_other_tabs_with_open_deals_are_named() -> None:
    archive = table("Archive", "Deal | Stage\n A | Won")
    lists = table("Lists", "Stage | Owner\n Lead | Ana\n Proposal | Ben")
    found = proposed(table("October", DEALS), table("November", f"{DEALS}\n C | Lead"), archive, lists)
    assert (found.tab, found.other_tabs) == ("November", ["October"])
