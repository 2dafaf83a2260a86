"""What `init` proposes for sheets as people have them, and the file it writes."""

from __future__ import annotations

import csv
import datetime as dt
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivestep.config.settings.load import load_settings
from fivestep.config.settings.model import Settings
from fivestep.config.vocabulary.words import load_words
from fivestep.errors import SettingsError
from fivestep.jobs.init import InitReport, init
from fivestep.jobs.proposing.proposal import NoStage, Proposal, propose
from fivestep.jobs.proposing.settings_text import Origin, settings_text
from fivestep.jobs.proposing.stage_words import UnknownStage
from fivestep.process.model.deal import KINDS
from fivestep.process.model.merged_cells import MergedCells
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.model.table import Cell, Table
from fivestep.process.reading.layout import find_layout
from fivestep.process.wording.vocabulary import plain
from tests.fakes.shared_data import DATA
from tests.fakes.team import write_sheet

STAGES = ("Prospecting", "Qualification", "Pitch", "Objections", "Closing", "Won", "Lost")
STAGE_WORDS = {
    "lead": "Prospecting", "nouveau": "Prospecting", "qualified": "Qualification", "qualifiziert": "Qualification",
    "discovery": "Qualification", "proposal": "Pitch", "angebot": "Pitch", "demo": "Pitch", "proposition": "Pitch",
    "negotiation": "Objections", "verhandlung": "Objections", "closed won": "Won", "gewonnen": "Won", "ganado": "Won",
    "открыта": "Prospecting", "提案": "Pitch", "受注": "Won",
}  # fmt: skip
PROCESS = Process("Five steps", {name: Stage(name) for name in STAGES}, KINDS, {}, STAGE_WORDS)

real = pytest.mark.skipif(not DATA.is_dir(), reason="the folder shared/data is not beside the repository")


def table(text: str, title: str = "Deals") -> Table:
    """A table from lines of cells between bars."""
    return Table(title, [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()])


def proposed(*tables: Table | str) -> Proposal:
    return propose([one if isinstance(one, Table) else table(one) for one in tables], load_words(), PROCESS)


def test_headers_and_cells_that_are_merged_are_read_as_people_see_them() -> None:
    rows: list[list[Cell]] = [
        ["Deal", "Stage", "Person", "", "Owner"],
        ["", "", "Contact", "E-mail", ""],
        ["Pump", "Qualified", "Kim Lee", "kim@acme.example", "Ana"],
        ["Valve", "", "Lou Roth", "lou@bolt.example", ""],
        ["Tank", "", "Max Orr", "max@cask.example", ""],
    ]
    merged = [MergedCells(1, at, 2, at) for at in (0, 1, 4)]
    merged += [MergedCells(1, 2, 1, 3), MergedCells(3, 1, 5, 1), MergedCells(3, 4, 5, 4)]
    proposal = proposed(Table("Deals", rows, merged=merged))
    assert proposal.header_row == 2
    assert columns(proposal) == {
        "deal": "Deal", "stage": "Stage", "contact": "Contact", "email": "E-mail", "owner": "Owner"
    }  # fmt: skip
    assert proposal.unknown == []


def test_titles_between_the_deals_are_no_deals_without_a_stage() -> None:
    proposal = proposed(
        "Deal|Company|Stage|Size\nEMEA|||\nPump|Acme|Lead|5\nAPAC|||\nTank|Bolt|Demo|5\nAMER|||\nValve|Cask|Demo|5"
    )
    assert proposal.unknown == []


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (["27-01-15", "26-12-03"], "year-month-day"),
        (["15-01-27", "03-12-26"], "day-month"),
        (["13-11-26", "27-01-26"], "day-month"),
        (["27-01-15", "15-01-2027"], "day-month"),
    ],
)
def test_years_of_two_digits_in_front_are_an_order_of_their_own(days: list[str], order: str | None) -> None:
    rows: list[list[Cell]] = [["Deal", "Stage", "Waiting until"], *(["Pump", "Lead", day] for day in days)]
    proposal = propose([Table("Deals", rows)], load_words(), PROCESS, today=dt.date(2026, 12, 1))
    assert proposal.dates.order == order


def columns(proposal: Proposal) -> dict[str, str]:
    return {column.field: column.header for column in proposal.columns}


def doubts(proposal: Proposal) -> dict[str, str]:
    return {column.field: column.doubt for column in proposal.columns if column.doubt}


def unknown(proposal: Proposal) -> dict[str, str]:
    return {one.word: one.suggestion for one in proposal.unknown}


def passed_over(proposal: Proposal) -> dict[str, str]:
    return {column.header: column.doubt for column in proposal.passed_over}


@pytest.mark.parametrize(
    ("sheet", "meant"),
    [
        (  # Pipedrive
            """Deal - ID | Deal - Title | Deal - Stage | Deal - Status | Deal - Value | Deal - Owner | Person - Email
               11 | Pumps  | Qualified | Open | 900 | Ana | bo@x.example
               12 | Valves | Proposal  | Open | 400 | Ana | cy@y.example
               14 | Hoses  | Demo      | Won  | 100 | Ivo | di@z.example""",
            "id deal stage outcome amount owner email",
        ),
        (  # Salesforce
            """Opportunity Owner | Account Name | Opportunity Name | Stage | Amount | Probability (%) | Close Date
               Ana | Acme | Pumps | Closed Won | 1,200.50 | 100 | 3/14/2026""",
            "owner company deal stage amount probability expected_close",
        ),
        (  # HubSpot
            """Record ID | Deal Name | Deal Stage | Close Date | Deal owner | Associated Contact | Last Activity Date
               1801 | Pumps | Proposal | 2026-03-14 | Ana | Bo | 2026-03-01
               1807 | Hoses | Proposal | 2026-03-15 | Ana | Cy | 2026-03-01""",
            "id deal stage expected_close owner contact last_contact",
        ),
        (  # Odoo
            """Opportunity | Contact Name | Email | Salesperson | Expected Revenue | Stage | Expected Closing
               Pumps | Bo | bo@x.example | Ana | 100 | Qualified | 2026-03-14""",
            "deal contact email owner amount stage expected_close",
        ),
        (
            """Firma | Ansprechpartner | E-Mail-Adresse | Verkaufsphase | Auftragswert | Letzter Kontakt | Zuständig
               Acme AG | Bo | bo@x.example | Angebot | 12.500,00 € | 04.03.2026 | Ana""",
            "company contact email stage amount last_contact owner",
        ),
        (
            """Opportunité | Société | Étape | Montant (EUR) | Date de clôture prévue | Commercial
               Pompes | Acme | Proposition | 12 500,00 | 14/03/2026 | Ana""",
            "deal company stage amount expected_close owner",
        ),
        (
            """Empresa | Contacto | Correo electrónico | Etapa | Importe | Próxima acción
               Acme | Bo | bo@x.example | Ganado | 12.500,50 | llamar""",
            "company contact email stage amount",
        ),
        (
            """Сделка | Компания | Этап сделки | Сумма | Ответственный
               Насосы | Акме | Открыта | 12 500 | Анна""",
            "deal company stage amount owner",
        ),
        (
            """案件名 | 会社名 | フェーズ | 受注予定金額 | 受注予定日 | 担当者
               ポンプ | アクメ | 提案 | 1,200,000 | 2026年3月14日 | 佐藤""",
            "deal company stage amount expected_close owner",
        ),
        (
            """Szansa sprzedaży | Klient | Etap | Wartość | Opiekun
               Pompy | Acme | Proposal | 12 500 zł | Anna""",
            "deal company stage amount owner",
        ),
        (
            """العميل | المرحلة | القيمة | البريد الإلكتروني
               Acme | Proposal | ١٢٥٠٠ | bo@x.example""",
            "company stage amount email",
        ),
        ("OpportunityName | OpportunityStage | opportunity_owner\n Pumps | Lead | Ana", "deal stage owner"),
    ],
)  # fmt: skip
def test_sheets_of_many_makes_and_languages(sheet: str, meant: str) -> None:
    proposal = proposed(sheet)
    assert list(columns(proposal)) == meant.split()
    assert set(doubts(proposal)) <= ({"stage"} if "outcome" in columns(proposal) else set())


def test_title_rows_blank_headers_and_the_right_tab() -> None:
    notes = table("Owner | Phone\n Ana | 123", "People")
    deals = table(
        "Pipeline 2026 |\n | \n updated by Ana | \n | Deal | | Stage | Deal\n | Pumps | ! | Lead | Hoses", "Deals"
    )
    proposal = proposed(notes, deals)
    assert (proposal.tab, proposal.header_row) == ("Deals", 4)
    assert columns(proposal) == {"deal": "Deal", "stage": "Stage"}


def test_the_words_tell_stage_from_status() -> None:
    both = "Deal | Status | Stage\n A | Lead | green\n B | Proposal | red\n C | Demo | red"
    assert columns(proposed(both))["stage"] == "Status"
    assert columns(proposed(both.replace("Status | Stage", "Stage | Status")))["stage"] == "Stage"
    assert passed_over(proposed(both)) == {"Stage": "Status is taken for it"}


def test_a_stage_that_only_its_words_give_away() -> None:
    proposal = proposed("Firma | Wo stehen wir?\n A | Angebot\n B | Verhandlung\n C | gewonnen")
    assert doubts(proposal) == {"stage": "guessed from the cells alone"}


def test_stages_by_number_are_stages() -> None:
    proposal = proposed("Deal | Stage\n A | 1\n B | 2\n C | 2")
    assert doubts(proposal) == {"stage": "most of its words are no known stages"}
    assert unknown(proposal) == {"2": "", "1": ""}


@pytest.mark.parametrize(
    ("stage", "status", "words"),
    [
        ("Stage", "Status", "Open Won Lost"),
        ("Deal - Stage", "Deal - Status", "Open Won Open"),
        ("Negócio - Etapa", "Negócio - Status", "Aberto Ganho Perdido"),
        ("Affaire - Étape", "Affaire - Statut", "Ouvert Gagné Perdu"),
        ("Phase", "Status", "Offen Gewonnen Verloren"),
        ("Этап", "Статус", "Открыта Выиграна Проиграна"),
        ("フェーズ", "ステータス", "進行中 受注 失注"),
        ("Stage", "State", "open open open"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("first", ["stage", "status"])
def test_how_deals_end_beside_their_stage(stage: str, status: str, words: str, *, known: bool, first: str) -> None:
    stages = ["Demo", "Proposal", "Lead"] if known else ["green room", "blue room", "green room"]
    rows = [[stage, status], *map(list, zip(stages, words.split(), strict=True))]
    proposal = proposed(Table("Deals", rows if first == "stage" else [row[::-1] for row in rows]))
    assert columns(proposal) == {"stage": stage, "outcome": status}
    assert doubts(proposal) == {"stage": f"{status} is taken for the outcome: won, lost or open"}


@pytest.mark.parametrize("status", ["Deal - Status", "Closed how", "Ende der Geschichte"])
def test_the_cells_tell_how_deals_end_whatever_the_header(status: str) -> None:
    proposal = proposed(f"Deal | Stage | {status}\n A | Demo | 1 - Won\n B | Offer | Absage\n C | Lead | Open")
    assert columns(proposal) == {"deal": "Deal", "stage": "Stage", "outcome": status}
    assert doubts(proposal).keys() & {"stage", "outcome"}


@pytest.mark.parametrize("words", ["open active new", "won won won", "signed open active"])
def test_words_that_do_not_part_won_from_lost_are_no_outcome(words: str) -> None:
    first, second, third = words.split()
    proposal = proposed(f"Deal | Stage | Sort\n A | Demo | {first}\n B | Lead | {second}\n C | Demo | {third}")
    assert columns(proposal) == {"deal": "Deal", "stage": "Stage"}


def test_a_contract_is_no_contact() -> None:
    proposal = proposed("Deal | Stage | Contract\n A | Demo | signed\n B | Lead | no\n C | Demo | signed")
    assert columns(proposal) == {"deal": "Deal", "stage": "Stage", "contract_signed": "Contract"}


def test_a_status_that_says_more_than_how_deals_end_is_left_alone() -> None:
    proposal = proposed("Deal | Stage | Status\n A | Demo | At risk\n B | Proposal | Active\n C | Lead | Critical")
    assert columns(proposal) == {"deal": "Deal", "stage": "Stage"}
    assert doubts(proposal) == {"stage": "Status could be it as well"}


def test_a_status_alone_is_the_stage_whatever_it_says() -> None:
    assert columns(proposed("Deal | Status\n A | Open\n B | Won"))["stage"] == "Status"


def test_the_cells_tell_an_owner_from_an_address() -> None:
    by_address = proposed(
        "Deal | Stage | Assigned to\n A | Lead | bo@x.example\n B | Demo | cy@x.example\n C | Demo | bo@x.example"
    )
    assert columns(by_address) == {"deal": "Deal", "stage": "Stage", "owner_email": "Assigned to"}
    by_name = proposed("Deal | Stage | Assigned to\n A | Lead | Bo")
    assert columns(by_name) == {"deal": "Deal", "stage": "Stage", "owner": "Assigned to"}
    assert not doubts(by_name)


def test_a_board_with_a_column_for_each_stage_is_told_what_is_missing() -> None:
    with pytest.raises(NoStage, match="3 of them are stages themselves, but a sheet needs one row a deal"):
        proposed("Company | Lead | Demo | Closed won\n Acme | 2026-03-01 | |")


def test_no_stage_at_all() -> None:
    with pytest.raises(NoStage, match="row 1 has the headers Firma, Telefon"):
        proposed("Firma | Telefon\n Acme | 123")
    with pytest.raises(NoStage, match="none of its headers is known"):
        proposed("Foo | Bar\n x | y", Table("empty", []))
    with pytest.raises(NoStage, match="Stage is not taken: its cells are no stages"):
        proposed("Deal | Stage\n A | 2026-03-01\n B | 2026-03-02")


@pytest.mark.parametrize(
    ("header", "cells", "field"),
    [
        ("Contact", ["bo@x.example", "cy@y.example", "Di <di@z.example>"], "email"),
        ("Contact", ["Bo", "Cy", "Di"], "contact"),
        ("Value", ["100", "2k", "$3"], "amount"),
        ("Value", ["saves time", "less waste", "more sales"], None),
        ("Close date", ["2026-03-14", "tbd", "14 Mar 2026"], "expected_close"),
        ("Close date", ["soon", "later", "maybe"], None),
        ("Probability", ["Low", "High", "High"], None),
        ("Probability", ["20%", "40 %", "60%"], "probability"),
        ("Source", ["12", "14", "15"], None),
        ("Proposal sent", ["yes", "2026-03-14", ""], "proposal_sent"),
        ("Post", ["bo@x.example", "cy@y.example", "di@z.example"], "email"),
    ],
)
def test_the_cells_may_speak_against_the_header(header: str, cells: Sequence[str], field: str | None) -> None:
    proposal = proposed(
        Table("Deals", [["Stage", header], *([w, c] for w, c in zip(["Lead"] * 3, cells, strict=True))])
    )
    assert columns(proposal) == {"stage": "Stage"} | ({field: header} if field else {})


def test_a_plain_name_is_a_person_only_beside_what_persons_have() -> None:
    with_mail = proposed("Name | Email | Stage\n Bo | bo@x.example | Lead")
    assert columns(with_mail)["contact"] == "Name"
    assert doubts(with_mail) == {"contact": "it could be deal as well"}
    assert columns(proposed("Name | Amount | Stage\n Pumps | 100 | Lead"))["deal"] == "Name"


def test_a_side_table_is_left_alone() -> None:
    proposal = proposed("""Deal | Stage | | Owner | Amount
        A | Lead | | Ana | 100
        B | Demo | | Ivo |
        C | Lead | | |
        D | Lead | | |
        E | Demo | | |""")
    assert columns(proposal) == {"deal": "Deal", "stage": "Stage"}
    assert passed_over(proposal)["Owner"] == "it stands apart and is mostly blank, as in a side table"


@pytest.mark.parametrize(
    ("header", "ids", "why"),
    [
        ("Deal ID", ["A-1", "A-2", "A-3"], ""),
        ("opportunity_id", ["3", "2", "1"], ""),
        ("Deal ID", ["1", "2", "3"], ""),
        ("Nr.", ["17", "4", "9"], ""),
        ("Nr.", ["1", "2", "3"], "it only numbers the rows"),
        ("Deal ID", ["A-1", "A-1", "A-3"], "not every deal has one of its own"),
        ("Deal ID", ["A-1", "", "A-3"], "not every deal has one of its own"),
    ],
)
def test_the_teams_own_ids(header: str, ids: Sequence[str], why: str) -> None:
    proposal = proposed(Table("Deals", [[header, "Stage"], *([i, "Lead"] for i in ids)]))
    assert columns(proposal).get("id") == (None if why else header)
    assert passed_over(proposal).get(header, "") == why
    assert proposal.write_back.get("id") == ({"Deal ID": "Fivestep ID"}.get(header, "Deal ID") if why else None)


def test_a_count_of_the_rows_is_no_id_even_above_a_total() -> None:
    proposal = proposed("""Nr. | Phase
        1 | Lead
        2 | Angebot
        3 | Demo
        Summe |""")
    assert passed_over(proposal) == {"Nr.": "it only numbers the rows"}


def test_ids_by_formula_are_none() -> None:
    rows: list[list[Cell]] = [["Deal ID", "Stage"], [1.0, "Lead"], [2.0, "Lead"], [7.0, "Lead"]]
    proposal = proposed(Table("Deals", rows, formulas={3: {0}}))
    assert passed_over(proposal) == {"Deal ID": "it holds formulas, which change when rows move"}


def test_write_back_avoids_the_teams_headers() -> None:
    proposal = proposed("Stage | STATUS | Follow up\n Lead | ok | call")
    assert proposal.write_back == {
        "id": "Deal ID",
        "status": "Fivestep status",
        "next_step": "Suggested next step",
        "follow_up": "Fivestep follow-up",
    }


def test_the_tools_own_columns_are_recognised() -> None:
    proposal = proposed("""Deal | Stage | Deal ID | Status | Suggested next step | Follow-up
        A | Lead | D-1 | Stalled: 9 working days in Prospecting | Call |
        B | Demo | D-2 | On track | |""")
    assert columns(proposal) == {"deal": "Deal", "stage": "Stage"}
    assert proposal.write_back["status"] == "Status"
    assert not proposal.left_out


def test_a_header_that_is_repeated_is_no_stage() -> None:
    proposal = proposed("Client | Status\n A | Lead\n Client | Status\n B | Demo")
    assert not proposal.unknown


def test_unknown_stages_are_listed_and_slips_are_seen() -> None:
    proposal = proposed("Deal | Stage\n A | 4 - Negotation\n B | 5 - Project Execution\n C | 2. Qualified\n D | Lead")
    assert unknown(proposal) == {"4 - Negotation": "Objections", "5 - Project Execution": ""}


@pytest.mark.parametrize(
    ("closes", "created", "order", "silent"),
    [
        (["3/4/2026", "14/4/2026"], ["5/6/2026", "20/6/2026"], "day-month", []),
        (["3/4/2026", "4/14/2026"], ["5/6/2026", "1/2/2026"], "month-day", ["Created"]),
        (["3/4/2026", "5/4/2026"], ["2026-01-02", ""], None, ["Close date"]),
        (["3/14/2026", "5/4/2026"], ["14/3/2026", ""], None, []),
        (["2026-03-14", "4. März 2026"], ["04.03.2026", ""], None, []),
    ],
)
def test_the_order_of_dates(closes: list[str], created: list[str], order: str | None, silent: list[str]) -> None:
    rows = [[w, c, d] for w, c, d in zip(["Lead", "Demo"], closes, created, strict=True)]
    assert proposed(Table("Deals", [["Stage", "Close date", "Created"], *rows])).dates == (order, silent)


@pytest.mark.parametrize(
    ("amounts", "mark"),
    [(["12.500,00 €", "3.000"], ","), (["$1,200.50", "3"], "."), (["12.500", "3.000"], None), (["1.5", "1,5"], None)],
)
def test_the_decimal_mark(amounts: list[str], mark: str | None) -> None:
    rows = [["Lead", amount] for amount in amounts]
    assert proposed(Table("Deals", [["Stage", "Amount"], *rows])).decimal == mark


def test_cells_of_a_workbook() -> None:
    rows: list[list[Cell]] = [
        ["Deal", "Stage", "Amount", "Close date", "Won on", "Proposal sent", "Do not contact"],
        ["A", "Lead", 100.0, dt.date(2026, 3, 14), 46095.0, True, False],
        ["B", "Demo", 2.5, dt.datetime.combine(dt.date(2026, 3, 14), dt.time(9)), None, False, True],
        ["C", "Demo", 7, dt.date(2026, 3, 14), 46090.0, True, False],
    ]
    assert len(columns(proposed(Table("Deals", rows)))) == 7


def written(tmp_path: Path, rows: Sequence[Sequence[str]], name: str = "deals.csv") -> InitReport:
    with (tmp_path / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return init(str(tmp_path / name), tmp_path, None, {})


def test_the_file_explains_itself(tmp_path: Path) -> None:
    rows = [
        ["Deal", "Stage", "Follow up", "Oppurtunity owner", "Win probability", 'Say "hi"', "Close date"],
        *(["Pumps", "Parked", "ok", "Ana", "Low", "x", "3/4/2026"] for _ in range(3)),
    ]
    report = written(tmp_path, rows)
    text = report.file.read_text("utf-8")
    assert report.file == tmp_path / "fivestep.toml"
    assert text.splitlines()[4] == 'name = "deals"'
    assert 'sheet = "deals.csv"\n' in text
    assert '# date_order = "day-month"  # unsure: "Close date" can be read both ways, ' in text
    assert 'stage = "Stage"  # unsure: most of its words are no known stages\n' in text
    assert '# probability = "Win probability"  # not taken: its cells are no percentages\n' in text
    assert '# Left out: "Follow up", "Say \\"hi\\""\n' in text
    assert '# "Parked" = ""  # unknown, 3 deals: which is it?\n' in text
    assert 'follow_up = "Fivestep follow-up"\n' in text
    loaded = load_settings(report.file, {})
    assert loaded.columns == columns(report.proposal)
    assert loaded.path(loaded.pipeline.sheet) == tmp_path / "deals.csv"


def test_a_settings_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "fivestep.toml").write_text("mine")
    with pytest.raises(SettingsError, match="is there already, and stays as it is"):
        written(tmp_path, [["Deal", "Stage"], ["A", "Lead"]])
    assert (tmp_path / "fivestep.toml").read_text() == "mine"


def test_a_sheet_without_a_stage_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match='Name the column "Stage"'):
        written(tmp_path, [["Firma", "Telefon"], ["Acme", "123"]])
    assert not (tmp_path / "fivestep.toml").exists()


@pytest.mark.parametrize(
    ("sheet", "content", "said"),
    [
        ("nothere.csv", None, "there is no file"),
        ("empty.csv", b"", "is empty: there is nothing in the file"),
        ("blank.csv", b"\n,,\n", "is empty: no cell in it holds anything"),
        (".", None, "is a folder; name the sheet in it"),
        ("deals.doc", b"x", "must end in"),
    ],
)
def test_what_is_no_sheet_is_told_without_a_word_on_settings(
    tmp_path: Path, sheet: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / sheet).write_bytes(content)
    with pytest.raises(SettingsError, match=said) as fault:
        init(str(tmp_path / sheet), tmp_path, None, {})
    assert "pipeline" not in str(fault.value).replace(str(tmp_path), "")


def test_each_unknown_word_is_asked_about_once(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Deal,Stage\nA,Open\nB,open\nC,Proposal/Pricing\nD,Lead\nE,\nF,\n")
    asked: list[tuple[str, int, str]] = []

    def ask(unknown: UnknownStage, stages: Sequence[str]) -> str | None:
        asked.append(unknown)
        return stages[0] if unknown.word == "Open" else unknown.suggestion if unknown.word else None

    report = init(str(tmp_path / "deals.csv"), tmp_path, None, {}, stages={"Lead": "Lost"}, ask=ask)
    assert asked == [("Open", 2, ""), ("Proposal/Pricing", 1, "Pitch"), ("", 2, "Prospecting")]
    assert load_settings(report.file, {}).stages == {"Lead": "Lost", "Open": "Prospecting", "Proposal/Pricing": "Pitch"}
    assert '# "" = "Prospecting"  # no stage is named, 2 deals: take the # away if' in report.file.read_text("utf-8")
    assert [row["stage"] for row in report.look.rows] == ["Open → Prospecting", "open → Prospecting",
                                                          "Proposal/Pricing → Pitch"]  # fmt: skip


def test_a_sheet_without_headers_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"has no row of headers: where they should stand it says Acme, Lead, 500"):
        written(tmp_path, [["Acme", "Lead", "500"], ["Bolt", "Lead", "700"]])


def test_the_tab_is_always_named(tmp_path: Path) -> None:
    write_sheet(tmp_path / "deals.xlsx", [["Deal", "Stage"], ["A", "Lead"]])
    assert load_settings(init(str(tmp_path / "deals.xlsx"), tmp_path, None, {}).file, {}).pipeline.tab == "Sheet"


def test_of_two_columns_with_one_header_neither_is_sure(tmp_path: Path) -> None:
    rows = [["Deal", "Stage", "Stage"], ["Pumps", "Lead", "Pitch"]]
    report = written(tmp_path, rows)
    assert [column.doubt for column in report.proposal.columns] == [
        "",
        "another column has the same header: only the leftmost is read",
    ]


@pytest.mark.parametrize(
    ("headers", "lacks"),
    [
        ([], ["ages", "addresses"]),
        (["Stage since"], ["addresses"]),
        (["E-mail"], ["ages", "sender", "replies", "do not contact"]),
        (["E-mail", "Last contact"], ["sender", "replies", "do not contact"]),
        (["E-mail", "Owner e-mail", "Their last reply", "Do not contact"], []),
    ],
)
def test_what_drafts_still_need_is_named(tmp_path: Path, headers: list[str], lacks: list[str]) -> None:
    report = written(tmp_path, [["Deal", "Stage", *headers], ["Pumps", "Lead", *("" for _ in headers)]])
    assert [lack.name for lack in report.lacks] == lacks


def test_letters_of_an_old_encoding_are_told_how_to_be_mended(tmp_path: Path) -> None:
    sheet = tmp_path / "pipeline.csv"
    sheet.write_bytes("Компания;Этап\nАкме;Переговоры\n".encode("cp1251"))
    with pytest.raises(SettingsError, match="saving as CSV UTF-8"):
        init(str(sheet), tmp_path, None, {})


def test_a_sheet_elsewhere_and_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "x.csv").write_text("Deal,Stage\nA,Lead\n")
    report = init(str(tmp_path / "a" / "x.csv"), tmp_path / "b", None, {})
    assert load_settings(report.file, {}).pipeline.sheet == str(tmp_path / "a" / "x.csv")
    for sheet in ("no.csv", "no.xls", "https://northwind.example/deals.xlsx"):
        with pytest.raises(SettingsError):
            init(sheet, tmp_path / "a", None, {})
    with pytest.raises(SettingsError, match="can't be written"):
        init(str(tmp_path / "a" / "x.csv"), tmp_path / "c", None, {})


HEADERS = st.text(max_size=20) | st.sampled_from(
    [
        "Deal",
        "Status",
        "Name",
        "E-mail",
        "Close\ndate",
        'a"b',
        "back\\slash",
        "\x7f",
        "Follow-up",
        "Deal ID",
        "Amount €",
    ]
)
CELLS: st.SearchStrategy[Cell] = st.none() | st.text(max_size=12) | st.floats() | st.dates() | st.booleans()


@settings(max_examples=150, deadline=None)
@given(headers=st.lists(HEADERS, max_size=7), rows=st.lists(st.lists(CELLS, max_size=8), max_size=5), tab=st.text())
def test_whatever_is_proposed_loads_and_is_found_again(
    tmp_path_factory: pytest.TempPathFactory, headers: list[str], rows: list[list[Cell]], tab: str
) -> None:
    sheet = Table(tab, [[*headers, "Stage"], *rows])
    try:
        proposal = proposed(sheet)
    except NoStage:  # the column of that name holds dates or the like
        return
    text = settings_text(Origin("p\n\"'", 'a\\"b.csv', tab or None, "UTC"), proposal, STAGES)
    file = tmp_path_factory.getbasetemp() / "fivestep.toml"
    file.write_text(text, "utf-8", newline="\n")
    loaded = load_settings(file, {})
    assert loaded.columns == columns(proposal)
    assert loaded.pipeline.name == "p\n\"'"
    layout = find_layout(sheet, loaded.columns, list(proposal.write_back.values()))
    assert layout.header_row == proposal.header_row
    assert not layout.gone


@pytest.mark.parametrize("text", ["", 'a"b', "a\\b", "a\nb\tc\r", "\x00\x1f\x7f\x85", "🙂 שלב", "'''", "#", "\u2028"])
def test_texts_in_toml(text: str) -> None:
    from fivestep.jobs.proposing.settings_text import quoted

    assert tomllib.loads(f"a = {quoted(text)}  # {quoted(text)[1:-1]}")["a"] == text


@real
@pytest.mark.parametrize(
    ("sheet", "header_row", "meant"),
    [
        ("trackers/06_funneler_standalone_header_row7.xlsx", 7,
         {"company": "Customer", "deal": "Opportunity", "stage": "Stage", "amount": "Amount", "probability": "Prob",
          "expected_close": "Close Date"}),
        ("trackers/08_funneler_sharepoint_Opportunities.csv", 2,
         {"deal": "Opportunity Name", "owner": "Opportunity Owner", "stage": "Stage",
          "amount": "Opportunity Value", "expected_close": "Expected Close Date",
          "next_contact": "Next Deadline or Milestone", "company": "Customer"}),
        ("trackers/14_duckflow_deals.csv", 1,
         {"id": "deal_id", "stage": "stage", "amount": "amount", "expected_close": "close_date", "source": "source"}),
        ("maven-crm/sales_pipeline.csv", 1,
         {"id": "opportunity_id", "owner": "sales_agent", "company": "account", "stage": "deal_stage",
          "created": "engage_date", "expected_close": "close_date", "amount": "close_value"}),
    ],
)  # fmt: skip
def test_real_trackers(tmp_path: Path, sheet: str, header_row: int, meant: Mapping[str, str]) -> None:
    report = init(str(DATA / sheet), tmp_path, None, {})
    assert report.proposal.header_row == header_row
    assert columns(report.proposal) == meant
    loaded: Settings = load_settings(report.file, {})
    assert loaded.columns == meant
    assert json.dumps(loaded.columns)
    assert loaded.pipeline.tab == ("Pipeline" if sheet.endswith("xlsx") else None)
    assert plain(loaded.write_back.status) not in {plain(header) for header in meant.values()}
