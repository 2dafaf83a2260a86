"""What a digest tells: whose deals, which of them, in which words. Today is Monday, 23 November 2026."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivestep.config.texts.load import load_text
from fivestep.config.texts.load_digest import load_digest_texts
from fivestep.config.vocabulary.names import load_names
from fivestep.errors import SettingsError
from fivestep.process.digest.digest import PARTS, Digest, digests
from fivestep.process.digest.letter import MOST_LINES, write_letter
from fivestep.process.digest.readers import Reader, Readers
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory, History, StageEntry
from fivestep.process.model.prognosis import Prognosis, StageLimit
from tests.fakes.board import MONDAY, Board, plan_of

LEAD = "Rita Boss <rita@northwind.example>"
DAY = dt.timedelta(days=1)


def told(board: Board, past: dict[str, DealHistory] | None = None, lead: str = LEAD) -> dict[str, Digest]:
    """The digests of a board, by kind and whose they are."""
    deals = board.book.parsed.deals
    found = digests(board.plan, deals, board.process.stages, History(past or {}), Readers(deals, lead), owners=True)
    return {f"{digest.kind} {digest.reader.who}": digest for digest in found}


def parts(digest: Digest) -> dict[str, list[str]]:
    """The names of the deals in each part."""
    return {part: [line.verdict.name for line in lines] for part, lines in digest.parts.items()}


def mail(digest: Digest, folder: Path | None = None) -> tuple[str, str]:
    """The digest in words, plain and HTML."""
    text = load_digest_texts(folder)[digest.kind]
    letter = write_letter(text.source, digest, "team", MONDAY, 48, load_names())
    compiled = load_text(text.name, letter.source, "digest.md")
    return compiled.plain.render(letter.values.get).text, compiled.html.render(letter.values.get).text


def test_each_deal_in_its_part_and_the_biggest_first() -> None:
    board = plan_of("""
        deal   | stage         | stage_since | amount | last_contact | last_reply | waiting_until | expected_close
        Small  | Qualification | 2026-10-01  | 10     |              |            |               |                |
        Big    | Qualification | 2026-10-01  | 900    |              |            |               |                |
        Asks   | Pitch         | 2026-11-16  |        | 2026-11-16   | 2026-11-19 |               |                |
        Waits  | Pitch         | 2026-11-16  |        |              |            | 2026-11-27    |                |
        Longer | Pitch         | 2026-11-16  |        |              |            | 2026-11-30    |                |
        Closes | Pitch         | 2026-11-20  |        | 2026-11-20   |            |               | 2026-11-23
        Odd    | Nonsense      |             |        |              |            |               |                |
    """)
    [lead] = told(board).values()
    assert lead.kind == "owner"  # nobody but the lead has deals
    found = parts(lead)
    assert found["follow_up"] == ["Small", "Big"]
    assert found["your_turn"] == ["Asks"]
    assert found["due"] == ["Closes", "Waits"]
    assert "Odd" in found["missing"]


def test_what_is_past_every_win_is_one_list_for_the_lead() -> None:
    limit = StageLimit("Pitch", 30, "oldest won", 50, 50, 2, longest_won=30)
    board = plan_of(
        "deal | stage | stage_since | owner | owner_email\n"
        "Old | Pitch | 2026-05-04 | Ana Sommer | ana@northwind.example\n"
        "Due | Pitch | 2026-11-02 | Ana Sommer | ana@northwind.example",
        prognosis=Prognosis(MONDAY, limits={"Pitch": limit}),
    )
    found = told(board)
    assert parts(found["owner Ana Sommer"]) == {"follow_up": ["Due"]}
    assert parts(found["lead Rita Boss"]) == {"follow_up": ["Due"], "past_wins": ["Old"]}
    plain, _ = mail(found["lead Rita Boss"])
    assert "Older than any deal that you have won, 1 worth an unknown sum. Close each of them, or revive it:\n" in plain
    assert "- Old (row 2), Ana Sommer: 203 days in Pitch, longer than any of the 50 you won" in plain


def test_who_leads_themselves_is_told_what_is_past_every_win() -> None:
    limit = StageLimit("Pitch", 30, "oldest won", 50, 50, 2, longest_won=30)
    board = plan_of(
        "deal | stage | stage_since\nOld | Pitch | 2026-05-04", prognosis=Prognosis(MONDAY, limits={"Pitch": limit})
    )
    [own] = told(board).values()
    assert (own.kind, parts(own)) == ("owner", {"past_wins": ["Old"]})


def test_won_and_lost_of_the_last_seven_days_by_the_days_in_the_sheet() -> None:
    board = plan_of("""
        deal   | stage | won_on     | lost_on    | lost_reason
        Now    | Won   | 2026-11-23 |            |
        Week   | Won   | 2026-11-17 |            |
        Before | Won   | 2026-11-16 |            |
        Gone   | Lost  |            | 2026-11-20 | too dear
        Long   | Lost  |            | 2026-01-20 | too dear
    """)
    [lead] = told(board).values()
    assert parts(lead) == {"won": ["Now", "Week"], "lost": ["Gone"]}


@pytest.mark.parametrize(
    ("won_on", "entries", "news"),
    [
        ("", [], False),  # the first run finds it so: nobody knows since when
        ("", [("Pitch", -30)], True),  # a run sees it move today
        ("", [("Pitch", -30), ("Won", -6)], True),
        ("", [("Pitch", -30), ("Won", -7)], False),  # told a week ago
        ("", [("Won", -6)], True),  # a row that came to the sheet as won
        ("", [("Won", -90)], False),  # of the first run
        ("2026-11-02", [("Pitch", -30), ("Won", -3)], True),  # written down three weeks late
        ("2026-10-02", [("Pitch", -80), ("Won", -3)], False),  # an old story
        ("2026-11-20", [("Won", -90)], True),
        ("2026-11-10", [("Won", -90)], False),
    ],
)
def test_won_as_the_ledger_tells(won_on: str, entries: list[tuple[str, int]], news: bool) -> None:
    seen = [StageEntry(stage, MONDAY + days * DAY, None) for stage, days in entries]
    past = {"D-1": DealHistory(entries=seen)} if entries else {}
    if entries:
        past["D-2"] = DealHistory(entries=[StageEntry("Lost", MONDAY - 90 * DAY, None)])
    board = plan_of(f"Deal ID | deal | stage | won_on\nD-1 | Acme | Won | {won_on}", past=past)
    assert bool(told(board, past)) == news


def test_owners_are_told_apart_by_address_and_a_name_has_the_address_of_its_other_rows() -> None:
    deals = [
        Deal(2, owner="Ana Sommer", owner_email="Ana@northwind.example"),
        Deal(3, owner="ana sommer"),
        Deal(4, owner="Ben"),
        Deal(5, owner="Ben", owner_email="ben@northwind.example"),
        Deal(6, owner="Ben", owner_email="ben.o@northwind.example"),
        Deal(7),
        Deal(8, owner="Rita Boss"),
        Deal(9, owner_email="cy@northwind.example"),
    ]
    readers = Readers(deals, LEAD)
    ana = Reader("Ana Sommer", "ana@northwind.example")
    assert [readers.of(deal) for deal in deals] == [
        ana,
        ana,
        Reader("Ben", ""),  # which of the two nobody can tell
        Reader("Ben", "ben@northwind.example"),
        Reader("Ben", "ben.o@northwind.example"),
        None,
        readers.lead,
        Reader("", "cy@northwind.example"),
    ]
    assert not readers.all_are_the_leads


def test_nobody_is_told_where_all_is_fine() -> None:
    board = plan_of("deal | stage | stage_since\nAcme | Prospecting | 2026-11-23")
    calm = [verdict._replace(due=MONDAY + 7 * DAY, status="On track") for verdict in board.plan.verdicts]
    assert told(replace(board, plan=replace(board.plan, verdicts=calm, problems=[]))) == {}


def test_the_words() -> None:
    board = plan_of("""
        deal | company | stage         | stage_since | amount | currency | owner      | owner_email
        One  | Acme    | Qualification | 2026-10-01  | 1200   | EUR      | Ana Sommer | ana@northwind.example
        Two  |         | Qualification | 2026-10-01  |        |          | Frau Klein | klein@northwind.example
    """)
    found = told(board)
    assert list(found) == ["owner Ana Sommer", "owner Frau Klein", "lead Rita Boss"]
    plain, html = mail(found["owner Frau Klein"])
    assert plain.startswith("Hello there,\n\nA word is due:\n- Two (row 3): ")
    assert "Won" not in plain
    plain, html = mail(found["lead Rita Boss"])
    assert plain.startswith(
        "Hello Rita,\n\nOpen deals: 2 (1,200 EUR).\n\n"
        "- Ana Sommer: 1 open (1,200 EUR), 0 to answer, 1 to follow up, 0 stalled, 0 with cells missing\n"
        "- Frau Klein: 1 open, 0 to answer, 1 to follow up, 0 stalled, 0 with cells missing\n\n"
        "A word is due, 2, the longest silence first:\n"
        "- One, Acme (row 2), Ana Sommer: "
    )
    assert html.count("<li>") == 4


def test_no_more_than_a_person_would_write() -> None:
    rows = "\n".join(f"Deal {number} | Qualification | 2026-10-01" for number in range(MOST_LINES + 5))
    [owner] = told(plan_of(f"deal | stage | stage_since\n{rows}")).values()
    plain, _ = mail(owner)
    assert len(re.findall(r"^- Deal \d+ \(row", plain, re.MULTILINE)) == MOST_LINES
    assert "- and 5 more\n" in plain


@pytest.mark.parametrize(
    "name", ["{{email}}", "<b>bold</b>", "**strong**", "- one\n- two", "[a](http://x.example)", "=1+1", "A | B & C"]
)
def test_a_name_stays_what_it_says(name: str) -> None:
    board = plan_of("deal | stage | stage_since\nX | Qualification | 2026-10-01")
    [digest] = told(board).values()
    [line] = digest.parts["follow_up"]
    named = Digest(digest.kind, digest.reader, {"follow_up": [line._replace(deal=line.deal._replace(deal=name))]}, [])
    text = load_digest_texts(None)["owner"]
    letter = write_letter(text.source, named, "team", MONDAY, 48, load_names())
    compiled = load_text("x", letter.source, "x.md")
    assert f"- {' '.join(name.split())} (row 2): " in compiled.plain.render(letter.values.get).text
    assert compiled.html.source.count("<li>") == 1


def test_a_team_has_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "digest-owner.md").write_text(
        "Subject: Deine Woche\n\nHallo {{first_name|du}},\n\n"
        "**Ein Wort ist fällig ({{follow_up.count}}):**\n"
        "* {{follow_up.deal}}, Zeile {{follow_up.row}}, {{follow_up.amount|ohne Betrag}}\n"
        "* und {{follow_up.more}} weitere\n\nSchönes Wochenende",
        "utf-8",
    )
    [digest] = told(plan_of("deal | stage | stage_since\nX | Qualification | 2026-10-01")).values()
    plain, html = mail(digest, tmp_path)
    assert plain == "Hallo Rita,\n\n**Ein Wort ist fällig (1):**\n* X, Zeile 2, ohne Betrag\n\nSchönes Wochenende\n"
    assert "<strong>Ein Wort ist fällig (1):</strong>" in html
    assert load_digest_texts(tmp_path)["lead"] == load_digest_texts(None)["lead"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- {{stalled.dael}}", "digest-owner.md: line 3: found {{stalled.dael}}; expected .*did you mean stalled.deal"),
        ("Look at {{stalled.deal}}", "line 3.*stands in a line of a list"),
        ("- {{stalled.deal}} or {{won.deal}}", "one list only.*stalled and won"),
        ("- {{stalled.deal", "without its other half"),
    ],
)
def test_a_mistake_in_the_words_is_told_with_its_line(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "digest-owner.md").write_text(f"Subject: Week\n\n{line}\n", "utf-8")
    with pytest.raises(SettingsError) as told_so:
        load_digest_texts(tmp_path)
    assert re.search(expected.replace("; expected ", ".*"), str(told_so.value)), str(told_so.value)


STAGES = ("Prospecting", "Qualification", "Pitch", "Closing", "Won", "Lost", "Nonsense")
OWNERS = ("", "Ana Sommer", "Ben Okafor", "Eve Low")
ADDRESSES = {"": "", "Ana Sommer": "ana@northwind.example", "Ben Okafor": "ben@northwind.example", "Eve Low": ""}
DAYS = st.one_of(st.just(None), st.integers(-60, 20).map(lambda days: MONDAY + days * DAY))

rows_of_a_sheet = st.lists(
    st.fixed_dictionaries(
        {
            "stage": st.sampled_from(STAGES),
            "owner": st.sampled_from(OWNERS),
            "amount": st.one_of(st.just(None), st.integers(0, 9_999)),
            "currency": st.sampled_from(["", "EUR", "USD"]),
            "stage_since": DAYS,
            "won_on": DAYS,
            "lost_on": DAYS,
            "lost_reason": st.sampled_from(["", "too dear"]),
            "last_reply": DAYS,
            "waiting_until": DAYS,
            "expected_close": DAYS,
        }
    ),
    max_size=30,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(rows=rows_of_a_sheet)
def test_every_number_adds_up(rows: list[dict[str, object]]) -> None:
    board = board_of(rows)
    found = told(board)
    owners = [digest for digest in found.values() if digest.kind == "owner"]
    model = modelled(board, rows)
    # Where nobody owns a deal they are all the lead's, who gets the owner's digest alone.
    owned = any(row["owner"] for row in rows)
    whole = found.get("lead Rita Boss") if owned else next(iter(owners), None)
    assert {part: sorted(lines) for part, lines in rows_in(whole).items()} == model
    for digest in found.values():
        assert_the_mail_counts(digest)
    for owner in owners:
        names = {owner_of(rows, row) for lines in rows_in(owner).values() for row in lines}
        assert names == {owner.reader.name if owned else ""}
    for part in PARTS:
        mine = [row for row in model.get(part, []) if owner_of(rows, row) or not owned]
        assert sorted(row for owner in owners for row in rows_in(owner).get(part, [])) == mine
    if whole is not None:
        is_open = [row for row in rows if stage_of(row) not in ("Won", "Lost", "Nonsense")]
        money = Counter[str]()
        for row in is_open:
            money[str(row["currency"])] += int(str(row["amount"] or 0))
        assert {currency: amount for currency, amount in whole.amounts.items() if amount} == +money
        assert whole.open == len(is_open)


def board_of(rows: list[dict[str, object]]) -> Board:
    """The plan for these rows."""
    names = list(rows[0]) if rows else ["stage", "owner"]
    lines = [" | ".join(["deal", "owner_email", *names])]
    for number, row in enumerate(rows):
        cells = ["" if row[name] is None else str(row[name]) for name in names]
        lines.append(" | ".join([f"Deal {number}", ADDRESSES[str(row["owner"])], *cells]))
    return plan_of("\n".join(lines))


def rows_in(digest: Digest | None) -> dict[str, list[int]]:
    """The rows in each part."""
    return {str(part): [line.deal.row for line in lines] for part, lines in digest.parts.items()} if digest else {}


def owner_of(rows: list[dict[str, object]], row: int) -> str:
    return str(rows[row - 2]["owner"])


def modelled(board: Board, rows: list[dict[str, object]]) -> dict[str, list[int]]:
    """The rows of each part, told from the status cells, the findings and the sheet's own days."""
    errors = {problem.row for problem in board.plan.problems if problem.severity == "error"}
    found: defaultdict[str, list[int]] = defaultdict(list)
    for verdict in board.plan.verdicts:
        row = rows[verdict.row - 2]
        word = verdict.status_text.partition(":")[0]
        days = [row["expected_close"], row["waiting_until"] if word == "Waiting" else None]
        if word == "On track" and (next_look := re.search(r"next look after (\d+ \w+)(?: (\d+))?$", verdict.reason)):
            days.append(dt.datetime.strptime(f"{next_look[1]} {next_look[2] or 2026}", "%d %b %Y").date())  # noqa: DTZ007
        closed = row["won_on"] if word == "Won" else row["lost_on"] if word == "Lost" else None
        if not (isinstance(closed, dt.date) and closed <= MONDAY):
            closed = row["stage_since"]
        stage = stage_of(row)
        if word in ("Your turn", "Follow up", "Stalled", "Unknown stage"):
            found[word.lower().replace(" ", "_")].append(verdict.row)
        elif word in ("Won", "Lost") and isinstance(closed, dt.date) and MONDAY - 7 * DAY < closed <= MONDAY:
            found[word.lower()].append(verdict.row)
        elif (
            word in ("On track", "Unknown age", "Waiting", "Needs data") and stage not in ("Won", "Lost") and soon(days)
        ):
            found["due"].append(verdict.row)
        if verdict.row in errors:
            found["missing"].append(verdict.row)
    return dict(found)


def stage_of(row: Mapping[str, object]) -> object:
    """The stage, or the end that a day by now gives an open or unknown one; the later of two, and none of two alike."""
    days = {end: day for end in ("Won", "Lost") if isinstance(day := row[f"{end.lower()}_on"], dt.date)}
    past = {day: end for end, day in days.items() if day <= MONDAY}
    if row["stage"] in ("Won", "Lost") or not past or (len(days) == 2 and len(set(days.values())) == 1):
        return row["stage"]
    return past[max(past)]


def soon(days: Iterable[object]) -> bool:
    return any(isinstance(day, dt.date) and MONDAY <= day < MONDAY + 7 * DAY for day in days)


def assert_the_mail_counts(digest: Digest) -> None:
    """As many lines, and deals left out, as there are in all; each deal with its row.

    Of those of an unknown stage the letter gives the number and the sum: they are listed by the cell to put right.
    """
    plain, html = mail(digest)
    blocks = [block.split("\n") for block in plain.strip().split("\n\n")]
    listed = [block for block in blocks if len(block) > 1 and not block[0].startswith("- ")]
    parts = {part: lines for part, lines in digest.parts.items() if part != "unknown_stage"}
    assert len(listed) == len(parts)
    counted = []
    for _, *lines in listed:
        more = re.fullmatch(r"- and (\d+) more", lines[-1])
        own = lines[:-1] if more else lines
        assert len(own) <= MOST_LINES
        assert all(re.search(r"Deal \d+ \(row \d+\)", line) for line in own)
        counted.append(len(own) + (int(more[1]) if more else 0))
    assert sorted(counted) == sorted(map(len, parts.values()))
    assert html.count("<li>") == sum(line.startswith("- ") for line in plain.split("\n"))
