"""What every ledger must do.

A test module derives from `LedgerContract` and gives the fixture `ledger`.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from fivestep.connectors.ledger import HEADER, ChangeRecord, Ledger, RunKind, RunOutcome
from fivestep.errors import BusyError
from fivestep.process.model.history import NO_DEAL, OPEN_STATES, DraftRecord, DraftState, History, StageEntry, Wait
from fivestep.process.model.plan import Change, Draft, FirstAnswer, Funnel, Outcome, Plan, Sighting
from fivestep.process.model.problem import Problem
from fivestep.process.model.prognosis import StageLine

NAME = "Northwind sales"
MONDAY, TUESDAY, WEDNESDAY = (dt.date(2026, 11, day) for day in (23, 24, 25))


def at(day: dt.date) -> dt.datetime:
    """Half past eight in the morning of this day, in UTC."""
    return dt.datetime.combine(day, dt.time(8, 30), dt.UTC)


def sighting(
    deal: str,
    stage: str,
    *,
    entered: bool = True,
    dated: dt.date | None = None,
    waits: tuple[Wait, ...] = (),
    fingerprint: str = "",
) -> Sighting:
    """What a run saw of a deal.

    `deal`, `stage`, `entered`, `dated`, `waits` and `fingerprint` are those of `Sighting`.
    """
    return Sighting(deal, fingerprint, stage, entered, dated, waits)


def plan(on: dt.date, *sightings: Sighting) -> Plan:
    """A plan for this day with these sightings, and nothing else."""
    return Plan(NAME, on, (), (), (), (), Funnel((), 0, 0, None, 0, None), sightings=sightings)


def change(new: str, *, deal: str = "D-1", column: str = "Status", old: str = "") -> Change:
    """One changed cell."""
    return Change(deal, 5, column, old, new)


def draft(key: str = "D-1/1/1", *, deal: str = "D-1", to: str = "Kim@Fabrikam.example") -> Draft:
    """A draft to be intended."""
    return Draft(deal, 5, key, 1, 1, to, "ana@northwind.example", "Subject", "plain", "<p>html</p>", "pitch-1")


def run_of(ledger: Ledger, on: dt.date = MONDAY, changes: Sequence[Change] = (), seen: Sequence[Sighting] = ()) -> int:
    """The ID of an open run that begins on this day."""
    return ledger.begin(NAME, "run", on, at(on), plan=plan(on, *seen), changes=changes)


def run_at(ledger: Ledger, started: dt.datetime, changes: Sequence[Change] = (), *, finished: bool = False) -> int:
    """The ID of a run that began at this moment."""
    run = ledger.begin(NAME, "run", started.date(), started, plan=None, changes=changes)
    if finished:
        ledger.finish(run, "done", started, {})
    return run


def imported(ledger: Ledger, *lines: tuple[str, str, dt.date], amount: float | None = None) -> tuple[int, int]:
    """A finished import of these lines: its ID, and how many of them were new."""
    run = ledger.begin(NAME, "import", WEDNESDAY, at(WEDNESDAY), plan=None, changes=())
    added = ledger.import_lines(NAME, run, [StageLine(*line, amount) for line in lines])
    ledger.finish(run, "done", at(WEDNESDAY), {"imported": added})
    return run, added


def problem(rule: str, column: str) -> Problem:
    """An error of this rule in this column."""
    return Problem("D-1", 5, column, rule, "error", f"{rule}!", "mend it")


def wrote(ledger: Ledger, new: str, *outcomes: Outcome) -> int:
    """A run that planned one status, and what it said became of it, if it came to say so."""
    run = run_of(ledger, changes=[change(new)])
    if outcomes:
        ledger.record_changes(run, outcomes)
    return run


def statuses(ledger: Ledger) -> tuple[str, ...]:
    """What the ledger says the tool has written as the deal's status."""
    return ledger.history(NAME, MONDAY).deals["D-1"].written.get("Status", ())


class LedgerContract:
    """Derive from it, and give `ledger`: one that is empty."""

    # Nothing known

    def test_an_empty_ledger_knows_nothing(self, ledger: Ledger) -> None:
        assert ledger.history(NAME, MONDAY) == History()
        assert ledger.open_drafts(NAME) == []
        assert ledger.runs(NAME) == []
        assert ledger.run(NAME, 1) is None
        assert ledger.changes(1) == []
        assert ledger.story(NAME, "D-1") is None

    # Runs

    def test_a_run_is_open_until_it_is_finished(self, ledger: Ledger) -> None:
        run = run_of(ledger)
        opened = ledger.run(NAME, run)
        assert opened is not None
        assert (opened.outcome, opened.finished, opened.counts) == ("open", None, {})
        ledger.finish(run, "partly", at(TUESDAY), {"deals": 3, "failed": 1}, "one cell failed")
        assert ledger.run(NAME, run) == (
            run, "run", MONDAY, at(MONDAY), at(TUESDAY), "partly", {"deals": 3, "failed": 1}, "one cell failed", None,
            None,
        )  # fmt: skip

    def test_numbers_of_runs_grow(self, ledger: Ledger) -> None:
        numbers = [run_of(ledger) for _ in range(5)]
        assert numbers == sorted(set(numbers))

    def test_the_latest_runs_come_first(self, ledger: Ledger) -> None:
        numbers = [run_of(ledger) for _ in range(4)]
        assert [run.id for run in ledger.runs(NAME, limit=3)] == numbers[:0:-1]

    def test_an_undo_names_its_run(self, ledger: Ledger) -> None:
        run = run_of(ledger)
        undo = ledger.begin(NAME, "undo", MONDAY, at(MONDAY), plan=None, changes=[change("")], undoes=run)
        record = ledger.run(NAME, undo)
        assert record is not None
        assert (record.kind, record.undoes) == ("undo", run)

    def test_times_come_back_in_utc(self, ledger: Ledger) -> None:
        local = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
        run = ledger.begin(NAME, "run", MONDAY, local, plan=None, changes=())
        record = ledger.run(NAME, run)
        assert record is not None
        assert record.started == local
        assert record.started.utcoffset() == dt.timedelta()

    def test_a_time_without_zone_is_refused(self, ledger: Ledger) -> None:
        with pytest.raises(Exception, match="time zone"):
            ledger.begin(NAME, "run", MONDAY, dt.datetime(2026, 11, 23), plan=None, changes=())  # noqa: DTZ001
        assert ledger.runs(NAME) == []

    def test_finishing_no_run_is_an_error(self, ledger: Ledger) -> None:
        with pytest.raises(LookupError):
            ledger.finish(7, "done", at(MONDAY), {})

    # How runs end

    def test_a_run_that_failed_before_its_plan_is_one_of_the_runs(self, ledger: Ledger) -> None:
        run = ledger.failed(NAME, "sync", MONDAY, at(MONDAY), at(TUESDAY), "log in again", 3)
        assert ledger.runs(NAME) == [
            (run, "sync", MONDAY, at(MONDAY), at(TUESDAY), "failed", {}, "log in again", None, 3)
        ]

    def test_a_run_that_failed_in_the_middle_says_with_what(self, ledger: Ledger) -> None:
        ledger.finish(run_of(ledger), "failed", at(MONDAY), {}, "no network", 4)
        assert [(run.outcome, run.exit_code, run.succeeded) for run in ledger.runs(NAME)] == [("failed", 4, False)]

    @pytest.mark.parametrize(
        ("outcomes", "good", "failures"),
        [
            ("", None, None),
            ("d", 0, None),
            ("df", 0, (1, 1, 1)),
            ("ff", None, (2, 0, 1)),
            ("dfff", 0, (3, 1, 3)),
            ("ffd", 2, None),
            ("ffp", 2, None),
            ("pf", 0, (1, 1, 1)),
            ("do", 0, None),  # under way
            ("of", None, (2, 0, 1)),  # cut off
            ("fof", None, (3, 0, 2)),
            ("ufu", None, (1, 1, 1)),
            ("dife", 0, (1, 2, 2)),
        ],
    )
    def test_the_last_success_and_what_has_failed_since(
        self, ledger: Ledger, outcomes: str, good: int | None, failures: tuple[int, int, int] | None
    ) -> None:
        """d: done, p: partly, f: failed, o: open; u: an undo that failed; i, e: an import, done or failed."""
        ended: dict[str, RunOutcome] = {
            "d": "done", "p": "partly", "f": "failed", "u": "failed", "i": "done", "e": "failed",
        }  # fmt: skip
        kinds: dict[str, RunKind] = {"u": "undo", "i": "import", "e": "import"}
        numbers = []
        for letter in outcomes:
            kind = kinds.get(letter, "run")
            numbers.append(ledger.begin(NAME, kind, MONDAY, at(MONDAY), plan=None, changes=()))
            if letter in ended:
                ledger.finish(numbers[-1], ended[letter], at(MONDAY), {})
        success = ledger.last_success(NAME)
        assert (success and success.id) == (None if good is None else numbers[good])
        found = ledger.failures(NAME)
        assert (found and (found.runs, found.first.id, found.last.id)) == (
            failures and (failures[0], numbers[failures[1]], numbers[failures[2]])
        )
        assert (ledger.last_success("other"), ledger.failures("other")) == (None, None)

    # A past that no run saw

    def test_imported_entries_come_back_in_their_order(self, ledger: Ledger) -> None:
        lines = [
            ("D-2", "Pitch", MONDAY),
            ("D-1", "Pitch", MONDAY),
            ("D-1", "Closing", MONDAY),
            ("D-1", "Won", TUESDAY),
        ]
        _, added = imported(ledger, *lines, amount=12.5)
        assert added == 4
        assert ledger.imported(NAME) == [StageLine(*lines[n], 12.5) for n in (1, 2, 3, 0)]
        assert ledger.imported("other") == []
        past = ledger.history(NAME, WEDNESDAY).deals
        assert {deal: known.imported for deal, known in past.items()} == {
            "D-1": StageEntry("Won", TUESDAY, None),
            "D-2": StageEntry("Pitch", MONDAY, None),
        }
        assert ledger.history(NAME, WEDNESDAY).seen == set()
        assert ledger.history("other", WEDNESDAY).deals == {}

    def test_the_same_file_again_adds_nothing_and_a_longer_one_what_is_new(self, ledger: Ledger) -> None:
        first = [("D-1", "Pitch", MONDAY), ("D-1", "Pitch", TUESDAY), ("D-1", "Won", TUESDAY)]
        imported(ledger, *first, amount=5.0)
        assert imported(ledger, *first, amount=7.0)[1] == 0
        longer = [("D-1", "Lead", MONDAY), first[0], first[1], ("D-1", "Closing", TUESDAY), first[2], first[2]]
        assert imported(ledger, *longer, amount=7.0)[1] == 3
        assert [(line.stage, line.on, line.amount) for line in ledger.imported(NAME)] == [
            ("Lead", MONDAY, 7.0), ("Pitch", MONDAY, 5.0), ("Pitch", TUESDAY, 5.0), ("Closing", TUESDAY, 7.0),
            ("Won", TUESDAY, 5.0), ("Won", TUESDAY, 7.0),
        ]  # fmt: skip

    def test_an_import_is_taken_back_and_leaves_those_of_others(self, ledger: Ledger) -> None:
        imported(ledger, ("D-1", "Pitch", MONDAY))
        second, _ = imported(ledger, ("D-1", "Pitch", MONDAY), ("D-1", "Won", TUESDAY), ("D-2", "Lost", TUESDAY))
        assert ledger.drop_imported("other", second) == 0
        assert ledger.drop_imported(NAME, second) == 2
        assert ledger.imported(NAME) == [StageLine("D-1", "Pitch", MONDAY)]
        assert ledger.drop_imported(NAME, second) == 0

    def test_what_was_imported_stands_beside_what_runs_saw(self, ledger: Ledger) -> None:
        run_of(ledger, seen=[sighting("D-1", "Pitch")])
        imported(ledger, ("D-1", "Lead", MONDAY), ("D-3", "Lost", MONDAY))
        history = ledger.history(NAME, WEDNESDAY)
        assert (history.seen, history.first_run) == ({"D-1"}, MONDAY)
        assert list(history.deals["D-1"].entries) == [StageEntry("Pitch", MONDAY, None)]
        story, other = ledger.story(NAME, "D-1"), ledger.story(NAME, "D-3")
        assert story is not None
        assert other is not None
        assert [line.stage for line in (*story.imported, *other.imported)] == ["Lead", "Lost"]

    def test_an_import_that_something_came_of_is_not_pruned(self, ledger: Ledger) -> None:
        run, _ = imported(ledger, ("D-1", "Pitch", MONDAY))
        idle, _ = imported(ledger, ("D-1", "Pitch", MONDAY))
        run_at(ledger, at(WEDNESDAY), finished=True)
        late = at(WEDNESDAY) + dt.timedelta(days=900)
        ledger.prune(NAME, late, late)
        assert ledger.run(NAME, run) is not None
        assert ledger.run(NAME, idle) is None

    # Findings

    def test_findings_come_and_go(self, ledger: Ledger) -> None:
        date, budget = problem("cell.date", "Since"), problem("qualification.budget", "Budget")
        note = problem("qualification.need", "Need")._replace(severity="info")
        for day, problems in ((MONDAY, [date, budget, note, date]), (TUESDAY, [budget]), (WEDNESDAY, [date])):
            ledger.begin(NAME, "run", day, at(day), plan=replace(plan(day), problems=problems), changes=())
        story = ledger.story(NAME, "D-1")
        assert story is not None
        assert list(story.findings) == [
            ("cell.date", "Since", "cell.date!", MONDAY, TUESDAY),
            ("qualification.budget", "Budget", "qualification.budget!", MONDAY, WEDNESDAY),
            ("cell.date", "Since", "cell.date!", WEDNESDAY, None),
        ]

    def test_a_finding_that_comes_and_goes_within_a_day_is_one(self, ledger: Ledger) -> None:
        days = (TUESDAY, TUESDAY, TUESDAY, MONDAY, TUESDAY)  # one of them for another day
        for number, day in enumerate(days):
            problems = [] if number % 2 else [problem("cell.date", "Since")]
            ledger.begin(NAME, "run", day, at(day), plan=replace(plan(day), problems=problems), changes=())
        story = ledger.story(NAME, "D-1")
        assert story is not None
        assert [(finding.since, finding.until) for finding in story.findings] == [(TUESDAY, None)]

    def test_a_finding_may_be_in_a_column_with_any_header(self, ledger: Ledger) -> None:
        header = "".join(map(chr, range(0x4E00, 0x4E00 + 20_000)))
        for day, problems in ((MONDAY, [problem("cell.date", header)]), (TUESDAY, [])):
            ledger.begin(NAME, "run", day, at(day), plan=replace(plan(day), problems=problems), changes=())
        story = ledger.story(NAME, "D-1")
        assert story is not None
        [finding] = story.findings
        assert (header.startswith(finding.column), finding.until) == (True, TUESDAY)

    # Memory

    def test_a_text_is_kept_under_its_name(self, ledger: Ledger) -> None:
        assert ledger.recall(NAME, "headers") == ""
        ledger.remember(NAME, "headers", "Deal")
        ledger.remember(NAME, "headers", "Deal, Stage")
        ledger.remember("other", "headers", "x")
        assert (ledger.recall(NAME, "headers"), ledger.recall(NAME, "heartbeat")) == ("Deal, Stage", "")

    # Growth

    def test_idle_runs_go_and_those_that_did_something_stay(self, ledger: Ledger) -> None:
        old, new = at(MONDAY), at(WEDNESDAY)
        wrote_, drafted, idle, failed, latest = (run_at(ledger, old, [change("a")] if n == 0 else ()) for n in range(5))
        ledger.record_changes(wrote_, ["written"])
        ledger.intend(NAME, drafted, draft(), "token", "drafts/", MONDAY, old)
        ledger.finish(failed, "failed", old, {}, "no network", 4)
        for run in (wrote_, drafted, idle, latest):
            ledger.finish(run, "done", old, {})
        ledger.prune(NAME, new, old)
        assert [run.id for run in ledger.runs(NAME)] == [latest, failed, drafted, wrote_]
        ledger.prune(NAME, new, new)
        assert [run.id for run in ledger.runs(NAME)] == [latest, drafted, wrote_]
        assert statuses(ledger) == ("a",)

    def test_what_fails_now_is_kept_however_old(self, ledger: Ledger) -> None:
        for _ in range(2):
            ledger.failed(NAME, "run", MONDAY, at(MONDAY), at(MONDAY), "no network", 4)
        ledger.prune(NAME, at(WEDNESDAY), at(WEDNESDAY))
        found = ledger.failures(NAME)
        assert found is not None
        assert found.runs == 2

    def test_cells_that_show_something_else_by_now_go(self, ledger: Ledger) -> None:
        early, late = wrote(ledger, "On track", "written"), wrote(ledger, "Won", "written")
        for run in (early, late):
            ledger.finish(run, "done", at(MONDAY), {})
        ledger.prune(NAME, at(MONDAY), at(MONDAY))
        assert [len(ledger.changes(run)) for run in (early, late)] == [1, 1]
        ledger.prune(NAME, at(TUESDAY), at(TUESDAY))
        assert [run.id for run in ledger.runs(NAME)] == [late]
        assert ledger.changes(early) == []
        assert statuses(ledger) == ("Won",)

    def test_a_run_that_was_put_back_is_not_forgotten_to_be(self, ledger: Ledger) -> None:
        run = run_of(ledger, changes=[change("a"), change("b", column="Follow-up")])
        ledger.record_changes(run, ["written", "written"])
        ledger.finish(run, "done", at(MONDAY), {})
        back = [change("", old="a"), change("", column="Follow-up", old="b")]
        undo = ledger.begin(NAME, "undo", MONDAY, at(MONDAY), plan=None, changes=back, undoes=run)
        ledger.record_changes(undo, ["skipped", "skipped"])
        ledger.finish(undo, "done", at(MONDAY), {})
        run_at(ledger, at(WEDNESDAY), finished=True)
        ledger.prune(NAME, at(TUESDAY), at(TUESDAY))
        assert [record.undoes for record in ledger.runs(NAME)] == [None, run, None]

    def test_pruning_leaves_other_pipelines_alone(self, ledger: Ledger) -> None:
        for _ in range(2):
            run_at(ledger, at(MONDAY), finished=True)
        ledger.prune("other", at(WEDNESDAY), at(WEDNESDAY))
        assert len(ledger.runs(NAME)) == 2

    def test_findings_that_have_long_gone_go(self, ledger: Ledger) -> None:
        for day, problems in ((MONDAY, [problem("cell.date", "Since")]), (TUESDAY, [])):
            ledger.begin(NAME, "run", day, at(day), plan=replace(plan(day), problems=problems), changes=())
        ledger.prune(NAME, at(TUESDAY), at(TUESDAY))
        assert ledger.story(NAME, "D-1") is not None
        ledger.prune(NAME, at(WEDNESDAY), at(WEDNESDAY))
        assert ledger.story(NAME, "D-1") is None

    # Deals

    def test_stage_entries_are_added_and_the_last_one_is_dated(self, ledger: Ledger) -> None:
        run_of(ledger, MONDAY, seen=[sighting("D-1", "Pitch", fingerprint="a"), sighting("D-2", "Lost")])
        run_of(ledger, TUESDAY, seen=[sighting("D-1", "Pitch", entered=False, dated=MONDAY, fingerprint="b")])
        run_of(ledger, WEDNESDAY, seen=[sighting("D-1", "Closing", dated=TUESDAY, fingerprint="b")])
        past = ledger.history(NAME, WEDNESDAY).deals
        assert past.keys() == {"D-1", "D-2"}
        assert list(past["D-1"].entries) == [
            StageEntry("Pitch", MONDAY, MONDAY),
            StageEntry("Closing", WEDNESDAY, TUESDAY),
        ]
        assert list(past["D-2"].entries) == [StageEntry("Lost", MONDAY, None)]
        assert past["D-1"].fingerprint == "b"

    def test_a_date_that_was_taken_out_is_forgotten(self, ledger: Ledger) -> None:
        run_of(ledger, MONDAY, seen=[sighting("D-1", "Pitch", dated=MONDAY)])
        run_of(ledger, TUESDAY, seen=[sighting("D-1", "Pitch", entered=False)])
        assert list(ledger.history(NAME, TUESDAY).deals["D-1"].entries) == [StageEntry("Pitch", MONDAY, None)]

    def test_waits_are_replaced(self, ledger: Ledger) -> None:
        first, second = Wait(MONDAY, TUESDAY), Wait(TUESDAY, WEDNESDAY)
        run_of(ledger, seen=[sighting("D-1", "Pitch", waits=(first, second)), sighting("D-2", "Pitch", waits=(first,))])
        run_of(ledger, seen=[sighting("D-1", "Pitch", entered=False, waits=(second,))])
        past = ledger.history(NAME, MONDAY).deals
        assert list(past["D-1"].waits) == [second]
        assert list(past["D-2"].waits) == [first]
        run_of(ledger, seen=[sighting("D-1", "Pitch", entered=False)])
        assert list(ledger.history(NAME, MONDAY).deals["D-1"].waits) == []

    # What the cells show

    def test_a_planned_text_may_stand_beside_the_one_before(self, ledger: Ledger) -> None:
        wrote(ledger, "On track", "written")
        assert statuses(ledger) == ("On track",)
        wrote(ledger, "Stalled: 9 days")
        assert statuses(ledger) == ("On track", "Stalled: 9 days")

    def test_a_written_text_replaces_all_before_it(self, ledger: Ledger) -> None:
        wrote(ledger, "On track", "written")
        wrote(ledger, "Stalled: 9 days")
        wrote(ledger, "Won", "written")
        assert statuses(ledger) == ("Won",)

    @pytest.mark.parametrize("outcome", ["skipped", "failed"])
    def test_what_was_not_written_uncovers_the_text_before(self, ledger: Ledger, outcome: Outcome) -> None:
        wrote(ledger, "On track", "written")
        wrote(ledger, "Stalled: 9 days", outcome)
        assert statuses(ledger) == ("On track",)

    def test_an_undo_counts_as_written_by_the_tool(self, ledger: Ledger) -> None:
        run = wrote(ledger, "Won", "written")
        undo = ledger.begin(NAME, "undo", MONDAY, at(MONDAY), plan=None, changes=[change("")], undoes=run)
        assert statuses(ledger) == ("Won", "")
        ledger.record_changes(undo, ["written"])
        assert statuses(ledger) == ("",)

    def test_an_early_run_that_is_settled_late_takes_nothing_from_a_later_one(self, ledger: Ledger) -> None:
        early, _late = wrote(ledger, "On track"), wrote(ledger, "Won", "written")
        ledger.record_changes(early, ["skipped"])
        assert statuses(ledger) == ("Won",)

    def test_cells_are_told_apart(self, ledger: Ledger) -> None:
        cells = [change("a"), change("b", column="Follow-up"), change("c", deal="D-2"), change("d", column="Deal ID")]
        ledger.record_changes(run_of(ledger, changes=cells), ["written", "skipped", "written", "planned"])
        past = ledger.history(NAME, MONDAY).deals
        assert past["D-1"].written == {"Status": ("a",), "Deal ID": ("d",)}
        assert past["D-2"].written == {"Status": ("c",)}

    def test_the_changes_of_a_run_keep_their_order(self, ledger: Ledger) -> None:
        cells = [change(str(number), deal=f"D-{number % 3}", old="x") for number in range(9, 0, -1)]
        run = run_of(ledger, changes=cells)
        assert ledger.changes(run) == [ChangeRecord(run, *c[:5], "planned") for c in cells]
        outcomes: list[Outcome] = ["written", "failed", "skipped"] * 3
        ledger.record_changes(run, outcomes)
        assert [record.outcome for record in ledger.changes(run)] == outcomes

    def test_outcomes_that_do_not_fit_the_changes_are_refused_whole(self, ledger: Ledger) -> None:
        run = run_of(ledger, changes=[change("a"), change("b", column="Follow-up")])
        with pytest.raises(ValueError, match="2 changes"):
            ledger.record_changes(run, ["written"])
        assert [record.outcome for record in ledger.changes(run)] == ["planned", "planned"]

    def test_a_run_without_changes_has_no_outcomes(self, ledger: Ledger) -> None:
        ledger.record_changes(run_of(ledger), [])

    @pytest.mark.parametrize("text", ["'; DROP TABLE runs; --", "🙂 \u202eשלום", "a\nb\r\nc\t", "=1+1", "x" * 50_000])
    def test_texts_come_back_as_they_were(self, ledger: Ledger, text: str) -> None:
        seen = [sighting(text, text, fingerprint=text)]
        run = run_of(ledger, changes=[change(text, deal=text, column=text, old=text)], seen=seen)
        assert ledger.changes(run) == [ChangeRecord(run, text, 5, text, text, text, "planned")]
        past = ledger.history(NAME, MONDAY).deals[text]
        assert (past.entries[0].stage, past.fingerprint, dict(past.written)) == (text, text, {text: (text,)})

    def test_the_header_of_a_new_column_is_kept_and_is_no_deal(self, ledger: Ledger) -> None:
        header = change("Status", deal=HEADER, column="Status", old="")
        run = run_of(ledger, changes=[header])
        ledger.record_changes(run, ["written"])
        assert [(c.deal, c.new) for c in ledger.changes(run)] == [(HEADER, "Status")]
        assert ledger.history(NAME, MONDAY).deals == {}

    # Drafts

    def test_a_draft_is_intended_then_made_then_sent(self, ledger: Ledger) -> None:
        run = run_of(ledger)
        assert ledger.intend(NAME, run, draft(), "token", "drafts/", MONDAY, at(MONDAY))
        intended = DraftRecord("D-1/1/1", "D-1", "kim@fabrikam.example", 1, 1, "pitch-1", "intended", MONDAY, MONDAY)
        assert ledger.open_drafts(NAME) == [
            (intended, "token", "", "drafts/", "ana@northwind.example", "Subject", at(MONDAY))
        ]
        ledger.settle(NAME, "D-1/1/1", "created", TUESDAY, "id-7")
        created = intended._replace(state="created", changed_on=TUESDAY)
        assert ledger.open_drafts(NAME) == [
            (created, "token", "id-7", "drafts/", "ana@northwind.example", "Subject", at(MONDAY))
        ]
        ledger.settle(NAME, "D-1/1/1", "sent", WEDNESDAY)
        assert ledger.open_drafts(NAME) == []
        assert list(ledger.history(NAME, WEDNESDAY).deals["D-1"].drafts) == [
            created._replace(state="sent", changed_on=WEDNESDAY)
        ]

    def test_the_day_of_change_stays_where_nothing_changed(self, ledger: Ledger) -> None:
        ledger.intend(NAME, run_of(ledger), draft(), "token", "drafts/", MONDAY, at(MONDAY))
        ledger.settle(NAME, "D-1/1/1", "created", MONDAY, "id-7")
        ledger.settle(NAME, "D-1/1/1", "created", TUESDAY)
        assert ledger.open_drafts(NAME)[0].record.changed_on == MONDAY
        assert ledger.open_drafts(NAME)[0].draft_id == "id-7"

    @pytest.mark.parametrize("state", ["intended", "created", "sent", "deleted", "unknown"])
    def test_a_key_is_used_once(self, ledger: Ledger, state: str) -> None:
        run = run_of(ledger)
        assert ledger.intend(NAME, run, draft(), "first", "drafts/", MONDAY, at(MONDAY))
        ledger.settle(NAME, "D-1/1/1", state, MONDAY)  # type: ignore[arg-type]
        assert not ledger.intend(NAME, run, draft(to="lee@fabrikam.example"), "second", "drafts/", TUESDAY, at(TUESDAY))
        [record] = ledger.history(NAME, MONDAY).deals["D-1"].drafts
        assert (record.person, record.state, record.on) == ("kim@fabrikam.example", state, MONDAY)

    def test_a_failed_draft_may_be_tried_again(self, ledger: Ledger) -> None:
        run = run_of(ledger)
        ledger.intend(NAME, run, draft(), "first", "drafts/", MONDAY, at(MONDAY))
        ledger.settle(NAME, "D-1/1/1", "failed", MONDAY)
        assert ledger.open_drafts(NAME) == []
        assert ledger.intend(NAME, run, draft(), "second", "drafts/", TUESDAY, at(TUESDAY))
        [waiting] = ledger.open_drafts(NAME)
        assert (waiting.token, waiting.record.state, waiting.record.on) == ("second", "intended", TUESDAY)

    def test_open_people_and_the_drafts_of_a_day(self, ledger: Ledger) -> None:
        run = run_of(ledger)
        for number, (state, day) in enumerate(
            [("created", TUESDAY), ("intended", TUESDAY), ("sent", TUESDAY), ("failed", TUESDAY), ("deleted", MONDAY)]
        ):
            one = draft(f"D-1/1/{number}", to=f"{state}@fabrikam.example")
            ledger.intend(NAME, run, one, state, "drafts/", day, at(day))
            ledger.settle(NAME, one.key, state, WEDNESDAY)  # type: ignore[arg-type]
        history = ledger.history(NAME, TUESDAY)
        assert history.open_people == {"created@fabrikam.example", "intended@fabrikam.example"}
        assert history.drafts_today == 3
        assert ledger.history(NAME, MONDAY).drafts_today == 1

    @pytest.mark.parametrize("pipeline", [NAME, "other"])
    @pytest.mark.parametrize("state", ["intended", "created", "edited", "sent", "deleted", "unknown", "failed"])
    def test_one_unsent_draft_to_a_person_over_all_pipelines(
        self, ledger: Ledger, pipeline: str, state: DraftState
    ) -> None:
        ledger.intend(NAME, run_of(ledger), draft(), "token", "drafts/", MONDAY, at(MONDAY))
        ledger.settle(NAME, "D-1/1/1", state, MONDAY)
        waits = state in OPEN_STATES
        assert ledger.history(pipeline, MONDAY).open_people == ({"kim@fabrikam.example"} if waits else set())
        run = ledger.begin(pipeline, "run", MONDAY, at(MONDAY), plan=None, changes=())
        another = draft("D-2/1/1", deal="D-2", to="KIM@fabrikam.example")
        assert ledger.intend(pipeline, run, another, "other", "drafts/", MONDAY, at(MONDAY)) is not waits
        assert (ledger.story(pipeline, "D-2") is None) is waits

    def test_of_two_pipelines_at_once_one_gets_the_person(self, ledger: Ledger) -> None:
        runs = {name: ledger.begin(name, "run", MONDAY, at(MONDAY), plan=None, changes=()) for name in ("a", "b", "c")}
        together, won = threading.Barrier(len(runs)), dict[str, list[bool]]()

        def intend(name: str) -> None:
            for number in range(10):
                together.wait(timeout=60)
                one = draft(f"{name}/1/{number}", deal=name, to=f"p{number}@fabrikam.example")
                got = ledger.intend(name, runs[name], one, f"{name}{number}", "drafts/", MONDAY, at(MONDAY))
                won.setdefault(name, []).append(got)

        threads = [threading.Thread(target=intend, args=(name,)) for name in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [sum(of) for of in zip(*won.values(), strict=True)] == [1] * 10

    def test_a_draft_about_no_deal_counts_for_nobody(self, ledger: Ledger) -> None:
        run = ledger.begin(NAME, "digest", MONDAY, at(MONDAY), plan=None, changes=[])
        one = draft("digest/2026-W48/lead/ana@northwind.example", deal=NO_DEAL, to="ana@northwind.example")
        assert ledger.intend(NAME, run, one, "token", "drafts/", MONDAY, at(MONDAY))
        assert not ledger.intend(NAME, run, one, "other", "drafts/", MONDAY, at(MONDAY))
        history = ledger.history(NAME, MONDAY)
        [record] = history.to_the_team
        assert (record.key, record.state) == (one.key, "intended")
        assert history == History(to_the_team=(record,))
        assert ledger.history("other", MONDAY) == History()
        assert [(waiting.record, waiting.token) for waiting in ledger.open_drafts(NAME)] == [(record, "token")]
        ledger.settle(NAME, one.key, "created", MONDAY, "id-7")
        assert [record.state for record in ledger.history(NAME, MONDAY).to_the_team] == ["created"]
        assert [(run.kind, run.outcome) for run in ledger.runs(NAME)] == [("digest", "open")]
        assert ledger.intend(NAME, run, one._replace(key="digest/2026-W49"), "next", "drafts/", MONDAY, at(MONDAY))
        assert ledger.intend(NAME, run, draft(to="ana@northwind.example"), "deal", "drafts/", MONDAY, at(MONDAY))

    def test_the_first_answer_to_a_draft_is_kept(self, ledger: Ledger) -> None:
        run = run_of(ledger, seen=[sighting("D-1", "Pitch")])
        ledger.intend(NAME, run, draft(), "token", "drafts/", MONDAY, at(MONDAY))
        for day in (TUESDAY, WEDNESDAY):
            answered = replace(plan(day), answers=[FirstAnswer("D-1/1/1", day), FirstAnswer("D-9/1/1", day)])
            ledger.begin(NAME, "run", day, at(day), plan=answered, changes=())
        [record] = ledger.history(NAME, WEDNESDAY).deals["D-1"].drafts
        assert record.answered_on == TUESDAY

    def test_settling_no_draft_is_an_error(self, ledger: Ledger) -> None:
        with pytest.raises(LookupError):
            ledger.settle(NAME, "D-1/1/1", "sent", MONDAY)

    # Occasions

    def test_an_occasion_is_taken_once(self, ledger: Ledger) -> None:
        assert ledger.claim(NAME, "sync", at(MONDAY))
        assert not ledger.claim(NAME, "sync", at(MONDAY))
        others = [("other", "sync", MONDAY), (NAME, "follow_up", MONDAY), (NAME, "sync", TUESDAY)]
        assert [ledger.claim(name, job, at(day)) for name, job, day in others] == [True, True, True]
        assert not any(ledger.claim(name, job, at(day)) for name, job, day in others)

    def test_an_occasion_is_the_same_in_every_time_zone(self, ledger: Ledger) -> None:
        assert ledger.claim(NAME, "sync", at(MONDAY))
        assert not ledger.claim(NAME, "sync", at(MONDAY).astimezone(dt.timezone(dt.timedelta(hours=-7))))

    def test_an_occasion_is_taken_once_by_many_at_once(self, ledger: Ledger) -> None:
        with ThreadPoolExecutor(8) as several:
            took = list(several.map(lambda _: ledger.claim(NAME, "sync", at(MONDAY)), range(32)))
        assert took.count(True) == 1

    def test_an_occasion_that_is_given_back_can_be_taken_again(self, ledger: Ledger) -> None:
        assert ledger.claim(NAME, "sync", at(MONDAY))
        assert ledger.claim(NAME, "sync", at(TUESDAY))
        ledger.give_back(NAME, "sync", at(MONDAY))
        assert ledger.claim(NAME, "sync", at(MONDAY))
        assert not ledger.claim(NAME, "sync", at(TUESDAY))

    def test_occasions_are_remembered_for_weeks_and_not_for_ever(self, ledger: Ledger) -> None:
        days = [MONDAY + dt.timedelta(days=number) for number in range(60)]
        assert all(ledger.claim(NAME, "digest", at(day)) for day in days)
        assert not any(ledger.claim(NAME, "digest", at(day)) for day in days[-28:])
        assert ledger.claim(NAME, "digest", at(days[0]))

    # Pipelines, stories, locks

    def test_pipelines_know_nothing_of_each_other(self, ledger: Ledger) -> None:
        run = run_of(ledger, changes=[change("a")], seen=[sighting("D-1", "Pitch")])
        ledger.record_changes(run, ["written"])
        ledger.intend(NAME, run, draft(), "token", "drafts/", MONDAY, at(MONDAY))
        open_elsewhere = frozenset({draft().to.casefold()})  # but one person is one person
        assert ledger.history("other", MONDAY) == History(open_elsewhere=open_elsewhere)
        assert ledger.runs("other") == []
        assert ledger.run("other", run) is None
        assert ledger.open_drafts("other") == []
        assert ledger.story("other", "D-1") is None
        other = ledger.begin("other", "run", MONDAY, at(MONDAY), plan=None, changes=[change("b")])
        ledger.record_changes(other, ["written"])
        assert statuses(ledger) == ("a",)
        assert ledger.intend("other", other, draft(to="lee@fabrikam.example"), "token", "drafts/", MONDAY, at(MONDAY))

    def test_a_story_is_one_deals_and_whole(self, ledger: Ledger) -> None:
        first = run_of(ledger, MONDAY, [change("a"), change("x", deal="D-2")], [sighting("D-1", "Pitch")])
        ledger.intend(NAME, first, draft(), "token", "drafts/", MONDAY, at(MONDAY))
        second = run_of(ledger, TUESDAY, [change("b", old="a")], [sighting("D-1", "Won")])
        story = ledger.story(NAME, "D-1")
        assert story is not None
        assert [entry.stage for entry in story.entries] == ["Pitch", "Won"]
        assert [record.key for record in story.drafts] == ["D-1/1/1"]
        assert [(record.run, record.old, record.new) for record in story.changes] == [
            (first, "", "a"),
            (second, "a", "b"),
        ]

    def test_a_lock_is_held_by_one(self, ledger: Ledger) -> None:
        with ledger.lock(NAME):
            with pytest.raises(BusyError, match=NAME), ledger.lock(NAME):
                pass
            with ledger.lock("other"):
                pass
        with ledger.lock(NAME):
            pass

    def test_a_lock_is_let_go_where_the_run_fails(self, ledger: Ledger) -> None:
        with pytest.raises(ZeroDivisionError), ledger.lock(NAME):
            raise ZeroDivisionError
        with ledger.lock(NAME):
            pass
