"""The HTML report: right figures, safe text, nothing from anywhere."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fivestep
from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs.report import report_page, save
from fivestep.process.model.history import DraftRecord
from fivestep.process.model.plan import NewLead
from fivestep.process.wording.show import money
from tests.fakes.plans import BUDGET, DEALS, FUNNEL, STALLED, TODAY, make_plan
from tests.fakes.team import AS_OF, make_team


class _Reader(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _words(html: str) -> str:
    return " ".join(" ".join(_Reader(html).text).split())


def test_the_figures_on_top_are_the_funnels() -> None:
    words = _words(report_page(make_plan(), DEALS))
    assert "3 open deals" in words
    assert "70,500 EUR + 900 USD in open deals" in words
    assert "30,625 EUR + 450 USD weighted by stage" in words
    assert "1 / 0 in stage Won / lost, 100% won" in words
    assert "3 new leads in seven days, target 10" in words


def test_stalled_deals_show_owner_amount_and_next_step() -> None:
    words = _words(report_page(make_plan(), DEALS))
    assert (
        "D-17 Press hall Ana Sommer Qualification 18,500 EUR "
        "9 working days in Qualification (limit 7) Ask about the budget"
    ) in words


def test_a_deal_without_owner_or_id_is_counted_all_the_same() -> None:
    words = _words(report_page(make_plan(verdicts=[STALLED._replace(deal="")]), DEALS))
    assert "no owner 1 0 0 0 0 0 0 1 0" in words


def test_an_unknown_age_is_no_figure_and_is_explained() -> None:
    ageless = STALLED._replace(deal="D-21", days_in_stage=None, days_since_contact=None, status="Unknown age")
    words = _words(report_page(make_plan(verdicts=[ageless]), DEALS))
    assert "Qualification 1 1 unknown unknown 0 0 Of unknown age: no date says how long" in words
    words = _words(report_page(make_plan(verdicts=[STALLED]), DEALS))
    assert "Qualification 1 0 9 9 0 1" in words
    assert "no date says" not in words


def test_deals_of_an_unknown_stage_are_counted_and_named() -> None:
    lost_way = STALLED._replace(deal="D-21", stage="", status="Unknown stage", name="Dock doors")
    words = _words(report_page(make_plan(verdicts=[STALLED, lost_way]), DEALS))
    assert "2 deals" in words
    assert "1 of an unknown stage" in words
    assert "Unknown stage 1 deal" in words
    assert "Of an unknown stage, and in no figure of a stage (1)" in words
    assert "D-21 Dock doors" in words


def test_where_every_stage_is_known_nothing_is_said_of_unknown_ones() -> None:
    assert "unknown stage" not in _words(report_page(make_plan(), DEALS))


@pytest.mark.parametrize(
    ("company", "named"),
    [("Alder & Finch", "Press hall, Alder & Finch"), ("Press", "Press hall"), (None, "Press hall")],
)
def test_a_deal_is_named_with_its_company_where_that_says_more(company: str | None, named: str) -> None:
    deals = {"D-17": DEALS["D-17"]._replace(company=company)}
    assert f"D-17 {named} Ana Sommer" in _words(report_page(make_plan(), deals))


def test_drafts_that_wait_and_that_are_due_are_listed_with_their_deal() -> None:
    waits = DraftRecord("D-18/1/1", "D-18", "lou@bolt.example", 1, 1, "pitch-1", "created", TODAY, TODAY)
    words = _words(report_page(make_plan(), DEALS, [waits]))
    assert "Follow-ups (2)" in words
    assert "waits since 23 Nov D-18 Bottling line lou@bolt.example pitch-1" in words
    assert "to be drafted D-17 Press hall nora@alderfinch.example Your presses" in words


def test_where_nobody_notes_when_leads_came_in_their_number_is_unknown() -> None:
    words = _words(report_page(make_plan(funnel=replace(FUNNEL, new_leads=None)), DEALS))
    assert "unknown new leads in seven days: map a column to created" in words


def test_an_empty_pipeline_has_a_report() -> None:
    words = _words(report_page(make_plan(verdicts=[], problems=[], new_leads=[]), {}))
    assert "None: every deal has what its stage asks for." in words


def test_nothing_comes_from_anywhere() -> None:
    html = report_page(make_plan(), DEALS)
    assert not re.search(r"https?:|//|url\(|@import|<script|<link|<img", html)


def test_long_lists_end_and_say_how_many_more() -> None:
    many = [STALLED._replace(deal=f"D-{row}", row=row) for row in range(1, 251)]
    html = report_page(make_plan(verdicts=many), {})
    assert "Stalled (250)" in html
    assert "… and 150 more" in html


@given(st.text(max_size=60))
def test_no_cell_can_put_a_tag_or_an_attribute_into_the_page(cell: str) -> None:
    plain, hostile = (
        report_page(
            make_plan(
                pipeline=word,
                verdicts=[STALLED._replace(name=word, reason=word, next_step=word)],
                problems=[BUDGET._replace(column=word, message=word, fix=word)],
                new_leads=[NewLead(word, word, 3)],
            ),
            {"D-17": DEALS["D-17"]._replace(owner=word, currency=word)},
        )
        for word in ("word", f"<b onclick='x'>\"&{cell}")
    )
    assert _Reader(hostile).tags == _Reader(plain).tags
    assert _Reader(hostile).attributes == _Reader(plain).attributes


@pytest.mark.parametrize(
    ("sums", "shown"),
    [
        ({"EUR": 12500.4}, "12,500 EUR"),
        ({"USD": 1.0, "EUR": 2000000.0}, "2,000,000 EUR + 1 USD"),
        ({"": 300.0}, "300"),
        ({}, "0"),
        ({"EUR": float("inf")}, "inf EUR"),
    ],
)
def test_money(sums: dict[str, float], shown: str) -> None:
    assert money(sums) == shown


def test_only_a_web_page_is_written(tmp_path: Path) -> None:
    sheet = tmp_path / "pipeline.xlsx"
    sheet.write_bytes(b"deals")
    with pytest.raises(SettingsError, match=r"name it such as 'pipeline\.html'"):
        save("<html>", sheet)
    assert sheet.read_bytes() == b"deals"


def test_a_report_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="can't be written"):
        save("<html>", tmp_path / "gone" / "report.html")


def _sections(html: str) -> list[str]:
    return re.findall("<h2>(.*?)</h2>", html)


def test_a_sheet_without_a_past_gets_one_sentence_more(tmp_path: Path) -> None:
    html = fivestep.report(make_team(tmp_path).settings, AS_OF)
    assert _sections(html)[-2:] == ["Per owner", "What matters most"]
    assert "of 0 won and 0 lost deals the way is known, and 10 of each are needed" in _words(html)


def test_an_imported_past_brings_forecast_limits_and_what_works(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    lines = ["deal,stage,on"]
    for week in range(52):
        came = AS_OF - dt.timedelta(weeks=70 - week)
        for end, days in (("Won", 10), ("Lost", 100)):
            lines += [f"{end}{week},Pitch,{came}", f"{end}{week},{end},{came + dt.timedelta(days=days)}"]
    past = tmp_path / "past.csv"
    past.write_text("\n".join(lines), "utf-8")
    fivestep.import_history(team.settings, str(past))
    html = fivestep.report(team.settings, AS_OF)
    assert [title for title in _sections(html) if title not in _sections(report_page(make_plan(), DEALS))][-4:] == [
        "Forecast: 2 open deals",
        "How long is too long, in calendar days in a stage",
        "What works",
        "What matters most",
    ]
    assert html.count("<svg") == 2
    assert not re.search(r"https?:|//|url\(|@import|<script|<link|<img", html)
