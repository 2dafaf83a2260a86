"""The plan, from small tables. Today is Monday, 23 November 2026; the process is the built-in one."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from fivestep.process.model.history import (
    NO_MAIL,
    Correspondence,
    DealHistory,
    DraftRecord,
    DraftState,
    History,
    StageEntry,
    Wait,
)
from fivestep.process.model.mail_text import Text
from fivestep.process.model.table import CellError, Table
from fivestep.process.model.template import Merge
from tests.fakes.board import MONDAY, POLICY, TOOLS, plan_of


def draft(
    key: str = "D-1/1/1", *, on: dt.date = MONDAY, state: DraftState = "created", person: str = "kim@acme.example"
) -> DraftRecord:
    deal, entry, step = key.split("/")
    return DraftRecord(key, deal, person, int(entry), int(step), "pitch-1", state, on, on)


class TestStatuses:
    def test_on_track_names_the_day_to_look_again(self) -> None:
        board = plan_of("""
            deal | stage | stage_since
            Acme | Pitch | 2026-11-20
        """)
        assert board.verdict("Acme").status == "On track"
        assert "next look after" in board.status("Acme")

    def test_stalled_says_how_long_and_the_limit(self) -> None:
        board = plan_of("""
            deal | stage         | stage_since | last_contact
            Acme | Qualification | 2026-10-05  | 2026-11-03
        """)
        verdict = board.verdict("Acme")
        assert verdict.status == "Follow up"
        assert verdict.days_in_stage == 35
        assert verdict.days_since_contact == 14
        assert board.status("Acme").startswith("Follow up: 35 working days in Qualification (a word is due after ")
        assert board.status("Acme").endswith("last contact 3 Nov")

    def test_a_limit_is_passed_and_not_reached(self) -> None:
        limit = plan_of("deal | stage\nAcme | Pitch").stage("Pitch").rhythm
        assert limit is not None
        begin = [POLICY.calendar.add(MONDAY, -days) for days in (limit, limit + 1)]
        board = plan_of(f"""
            deal | stage | stage_since
            Acme | Pitch | {begin[0]}
            Bolt | Pitch | {begin[1]}
        """)
        assert [board.verdict(name).status for name in ("Acme", "Bolt")] == ["On track", "Follow up"]

    def test_silence_counts_only_where_contacts_are_noted(self) -> None:
        day = POLICY.calendar.add(MONDAY, -7)
        assert plan_of(f"deal | stage | stage_since\nAcme | Pitch | {day}").verdict("Acme").status == "On track"
        silent = plan_of(f"deal | stage | stage_since | last_contact\nAcme | Pitch | {day} |")
        assert silent.status("Acme") == "Follow up: 7 working days without a noted contact (a word is due after 5)"

    def test_your_turn_comes_before_stalled(self) -> None:
        board = plan_of("""
            deal | stage | stage_since | last_reply
            Acme | Pitch | 2026-09-01  | 2026-11-18
        """)
        assert board.status("Acme") == "Your turn: they wrote last, on 18 Nov"
        assert board.verdict("Acme").next_step.startswith("Answer ")

    def test_waiting_comes_before_your_turn_until_they_write_again(self) -> None:
        board = plan_of("""
            deal | stage | stage_since | last_reply | waiting_until | waiting_reason
            Acme | Pitch | 2026-09-01  | 2026-11-18 | 2026-12-03    | budget round
        """)
        assert board.status("Acme") == "Waiting: until 3 Dec, budget round"

    def test_a_word_from_them_ends_the_wait(self) -> None:
        wait = DealHistory(
            entries=[StageEntry("Pitch", dt.date(2026, 9, 1), None)],
            waits=[Wait(dt.date(2026, 11, 16), dt.date(2026, 12, 3))],
            fingerprint="Acme\x1f\x1f\x1f",
        )
        board = plan_of(
            """
            Deal ID | deal | stage | last_reply | waiting_until
            D-1     | Acme | Pitch | 2026-11-18 | 2026-12-03
            """,
            past={"D-1": wait},
        )
        assert board.status("Acme") == "Your turn: they wrote last, on 18 Nov"

    def test_a_wait_that_is_over_lets_the_clocks_go_on(self) -> None:
        board = plan_of("""
            deal | stage | stage_since | waiting_until
            Acme | Pitch | 2026-09-01  | 2026-11-19
        """)
        assert board.verdict("Acme").days_in_stage == 2

    def test_won_means_signed(self) -> None:
        board = plan_of("""
            deal | stage | won_on     | contract_signed
            Acme | Won   | 2026-11-03 | 2026-11-03
            Bolt | Won   | 2026-11-03 |
        """)
        assert board.status("Acme") == "Won: 3 Nov"
        assert board.status("Bolt") == "Needs data: contract_signed"
        assert plan_of("deal | stage\nAcme | Won").status("Acme") == "Won"

    def test_lost_with_a_reason(self) -> None:
        board = plan_of("""
            deal | stage | lost_reason
            Acme | Lost  | too slow
            Bolt | Lost  |
        """)
        assert board.status("Acme") == "Lost: too slow"
        assert board.status("Bolt") == "Needs data: lost_reason"

    def test_a_lost_deal_may_keep_an_amount_that_nobody_can_read(self) -> None:
        board = plan_of("""
            deal | stage | amount     | lost_reason
            Acme | Lost  | ca. viel   | too slow
            Bolt | Won   | ca. viel   |
        """)
        assert board.status("Acme") == "Lost: too slow"
        assert board.status("Bolt").startswith("Needs data")

    def test_what_is_not_mapped_is_not_checked(self) -> None:
        board = plan_of("""
            deal | stage
            Acme | Won
            Bolt | Lost
            Cask | Closing
        """)
        assert [board.verdict(name).status for name in ("Acme", "Bolt", "Cask")] == ["Won", "Lost", "Unknown age"]
        assert [p for p in board.plan.problems if p.severity == "error"] == []

    def test_what_needs_data_says_where(self) -> None:
        board = plan_of("deal | stage | stage_since\nAcme | Pitch | soon")
        assert board.verdict("Acme").next_step.startswith("stage_since: Type the day")

    def test_a_stage_that_the_process_calls_otherwise_by_now_has_not_changed(self) -> None:
        before = dt.date(2026, 11, 2)
        past = {"D-1": DealHistory(entries=[StageEntry("Demo", before, None)], fingerprint="Acme\x1f\x1f\x1f")}
        board = plan_of("Deal ID | deal | stage\nD-1 | Acme | Pitch", past=past)
        [seen] = board.plan.sightings
        assert (seen.stage, seen.entered, board.status("Acme")) == (
            "Pitch",
            False,
            "Follow up: at least 15 working days in Pitch (a word is due after 10)",
        )

    def test_an_unknown_stage_does_not_stop_the_others(self) -> None:
        board = plan_of("""
            deal | stage
            Acme | Quailfication
            Bolt |
            Cask | Pitch
        """)
        assert board.status("Acme") == "Unknown stage: 'Quailfication'"
        assert "Qualification" in board.verdict("Acme").next_step
        assert board.status("Bolt") == "Unknown stage: the stage is blank"
        assert board.verdict("Cask").status == "Unknown age"
        assert not any("[" in text for text in board.cells(TOOLS[2]).values())


STALLED = """
    deal | stage | stage_since | email            | contact
    Acme | Pitch | 2026-10-05  | kim@acme.example | Kim Lee
"""


class TestDrafts:
    def test_a_stalled_deal_gets_one(self) -> None:
        board = plan_of(STALLED)
        [draft_] = board.plan.drafts
        assert (draft_.key, draft_.to, draft_.sender) == ("D-1/1/1", "kim@acme.example", POLICY.sender)
        assert "Kim" in draft_.plain
        assert "Kim" in draft_.html
        assert board.cells("Follow-up")["D-1"].startswith("Draft 1 of ")

    def test_without_a_column_for_addresses_there_are_none(self) -> None:
        board = plan_of("""
            deal | stage | stage_since
            Acme | Pitch | 2026-10-05
        """)
        assert board.plan.drafts == []
        assert board.cells("Follow-up") == {}

    @pytest.mark.parametrize(
        ("column", "cell", "reason"),
        [
            ("do_not_contact", "yes", "marked do not contact"),
            ("do_not_contact", "?? maybe", "mend do_not_contact first, it could forbid this mail"),
            ("email", "", "no e-mail address"),
            ("email", "kim@acme.example, lou@acme.example", "no e-mail address"),
            ("owner_email", "kim@acme.example", "the address is the sender's own"),
        ],
    )
    def test_who_gets_none(self, column: str, cell: str, reason: str) -> None:
        values = {"email": "kim@acme.example", "do_not_contact": "", "owner_email": "", column: cell}
        board = plan_of(f"""
            deal | stage | stage_since | {" | ".join(values)}
            Acme | Pitch | 2026-10-05  | {" | ".join(values.values())}
        """)
        assert board.skipped() == {"D-1": reason}
        assert board.cells("Follow-up") == {"D-1": f"No draft: {reason}"}

    def test_nobody_is_told_to_call_who_must_not_be_contacted(self) -> None:
        board = plan_of("""
            deal | stage | stage_since | contact | do_not_contact
            Acme | Pitch | 2026-10-05  | Kim Lee | x
        """)
        assert board.verdict("Acme").next_step.endswith("Kim Lee is not to be contacted")

    def test_what_forbids_a_mail_on_one_row_forbids_it_on_all_rows_of_that_person(self) -> None:
        board = plan_of("""
            deal | stage | stage_since | email            | do_not_contact | last_reply
            Acme | Pitch | 2026-10-05  | kim@acme.example |                |
            Bolt | Lost  | 2026-10-05  | KIM@acme.example | x              |
            Cask | Pitch | 2026-10-05  | lou@cask.example |                |
            Dorn | Pitch | 2026-10-05  | lou@cask.example |                | 2026-11-20
        """)
        assert board.skipped() == {"D-1": "marked do not contact", "D-3": "they wrote last"}
        assert board.drafts() == {}

    def test_one_open_nudge_per_person(self) -> None:
        board = plan_of("""
            deal | stage | stage_since | email            | amount
            Acme | Pitch | 2026-10-05  | kim@acme.example | 100
            Bolt | Pitch | 2026-10-05  | kim@acme.example | 900
        """)
        assert board.skipped() == {"D-1": "another draft to this person is waiting"}

    def test_a_draft_that_waits_anywhere_counts(self) -> None:
        board = plan_of(STALLED, history=History({}, frozenset({"kim@acme.example"})))
        assert board.skipped() == {"D-1": "another draft to this person is waiting"}

    def test_the_mailbox_may_know_that_they_wrote_last(self) -> None:
        mail = {"kim@acme.example": Correspondence(theirs=dt.date(2026, 11, 19))}
        board = plan_of(STALLED, mail=mail)
        assert board.status("Acme") == "Your turn: they wrote last, on 19 Nov"
        assert board.plan.drafts == []

    def test_a_bounce_is_an_error_of_the_address_and_holds_its_mails_on_every_row(self) -> None:
        sheet = """
            deal | stage | stage_since | email            | amount
            Acme | Pitch | 2026-10-05  | kim@acme.example | 100
            Bolt | Pitch | 2026-10-05  | KIM@acme.example | 900
        """
        board = plan_of(sheet, mail={"kim@acme.example": Correspondence(bounced=dt.date(2026, 11, 19))})
        assert set(board.skipped().values()) == {"mail to this address bounced on 19 Nov"}
        assert board.verdict("Acme").next_step == "Correct email: mail to kim@acme.example bounced on 19 Nov"
        found = [one for one in board.plan.problems if one.rule == "email.bounced"]
        assert [(one.row, one.severity, one.column) for one in found] == [(2, "error", "email"), (3, "error", "email")]

    def test_an_absence_is_proposed_as_a_wait_and_holds_the_mail_until_then(self) -> None:
        away = {"kim@acme.example": Correspondence(ours=dt.date(2026, 11, 2), away_until=dt.date(2026, 12, 7))}
        board = plan_of(STALLED, mail=away)
        assert board.verdict("Acme").next_step == "Put 7 Dec into a column Waiting until: Kim Lee is away until then"
        assert board.skipped() == {"D-1": "they are away until 7 Dec, as their automatic reply says"}
        back = {"kim@acme.example": Correspondence(ours=dt.date(2026, 11, 2), away_until=dt.date(2026, 11, 20))}
        assert board.drafts() == {}
        assert plan_of(STALLED, mail=back).skipped() == {}

    def test_who_asks_to_be_left_alone_is_proposed_as_such_and_gets_none_until_somebody_decides(self) -> None:
        asked = Correspondence(theirs=dt.date(2026, 11, 3), ours=dt.date(2026, 11, 4), asked_out=dt.date(2026, 11, 3))
        sheet = """
            deal | stage | stage_since | email            | contact | do_not_contact | override
            Acme | Pitch | 2026-10-05  | kim@acme.example | Kim Lee | {} | {}
        """
        mail = {"kim@acme.example": asked}
        board = plan_of(sheet.format("", ""), mail=mail)
        step = "Put yes into do_not_contact: Kim Lee asked on 3 Nov to get no more mails"
        assert board.verdict("Acme").next_step == f"{step} (if not so, say why in override)"
        assert board.skipped() == {"D-1": "they asked on 3 Nov to get no more mails"}
        assert plan_of(sheet.format("x", ""), mail=mail).skipped() == {"D-1": "marked do not contact"}
        assert plan_of(sheet.format("", "they want the offer"), mail=mail).skipped() == {}

    def test_a_yes_to_an_invitation_is_a_contact_and_no_answer(self) -> None:
        met = Correspondence(ours=dt.date(2026, 11, 2), accepted=dt.date(2026, 11, 20))
        board = plan_of(STALLED, mail={"kim@acme.example": met})
        assert board.verdict("Acme").days_since_contact == 1
        assert board.verdict("Acme").status != "Your turn"

    def test_after_an_answer_and_a_new_silence_the_same_text_may_come_again(self) -> None:
        entries = [StageEntry("Pitch", dt.date(2026, 10, 5), dt.date(2026, 10, 5))]
        sent = DealHistory(entries=entries, drafts=[draft(on=dt.date(2026, 10, 12), state="sent")])
        sheet = STALLED.replace("deal |", "Deal ID | deal |").replace("    Acme", "    D-1 | Acme")
        silent = Correspondence(theirs=dt.date(2026, 10, 14), ours=dt.date(2026, 10, 15))
        board = plan_of(sheet, past={"D-1": sent}, mail={"kim@acme.example": silent})
        assert [(d.key, d.template, d.skipped) for d in board.plan.drafts] == [("D-1/1/2", "pitch-1", "")]

    def test_refuse_rather_than_blank(self) -> None:
        text = Text("pitch-1", Merge("About {{company}}"), Merge("Hello {{first_name}}, {{E-mail}}"), Merge("x"))
        board = plan_of(
            """
            deal | stage | stage_since | email            | company | contact
            Acme | Pitch | 2026-10-05  | kim@acme.example |         | Kim Lee
            Bolt | Pitch | 2026-10-05  | lou@bolt.example | Bolt AG | Dr. Roth, Lou
            """,
            texts={"pitch-1": text},
        )
        assert board.skipped() == {"D-1": "fill in company (cell E2), E-mail (no column is mapped to it)"} | {
            "D-2": "fill in E-mail (no column is mapped to it)"
        }

    @pytest.mark.parametrize("product", ["#BEZUG!", "#NV", "#REF!", "\u200b#N/D ", "Fehler:502", CellError("#REF!")])
    @pytest.mark.parametrize("not_mapped", [["Product"], []])
    def test_no_mail_speaks_of_an_error_of_the_spreadsheet(
        self, product: str | CellError, not_mapped: list[str]
    ) -> None:
        text = Text("pitch-1", Merge("About {{Product}}"), Merge("Your {{Product}}"), Merge("x"))
        board = plan_of(
            Table(
                "Deals",
                [
                    ["deal", "stage", "stage_since", "email", "Product"],
                    ["Acme", "Pitch", "2026-10-05", "kim@acme.example", product],
                ],
            ),
            texts={"pitch-1": text},
            not_mapped=not_mapped,
        )
        assert board.skipped() == {"D-1": "fill in Product (cell E2)"}

    @pytest.mark.parametrize(
        ("owner", "address", "sender", "name"),
        [
            ("Ana S. <ana@x.example>", "ana@x.example", '"Ana S." <ana@x.example>', "Ana S."),
            ('"Ana" <ana@x.example>', "", '"Ana" <ana@x.example>', "Ana"),
            ("Ben Ode (ben@x.example)", "", '"Ben Ode" <ben@x.example>', "Ben Ode"),
            ("ben@x.example", "", "ben@x.example", "ben@x.example"),
            ("Ben <ben@x.example>", "ben.ode@y.example", '"Ben" <ben.ode@y.example>', "Ben"),
            ("Ana <ana@x.example>, Ben <ben@x.example>", "", "Ana Sommer <ana@northwind.example>", "Ana, Ben"),
        ],
    )  # fmt: skip
    def test_an_owner_may_be_written_with_their_address(self, owner: str, address: str, sender: str, name: str) -> None:
        board = plan_of(
            f"""
            deal | stage | stage_since | email            | contact                    | owner   | owner_email
            Acme | Pitch | 2026-10-05  | kim@acme.example | Kim Lee <kim@acme.example> | {owner} | {address}
            """,
            texts={"pitch-1": Text("pitch-1", Merge("Hello {{first_name}}"), Merge("x"), Merge("x"))},
        )
        [draft_] = board.plan.drafts
        assert (draft_.sender, draft_.subject, draft_.skipped) == (sender, "Hello Kim", "")
        assert [deal.owner for deal in board.book.parsed.deals] == [name]

    def test_a_text_may_name_headers_and_fields(self) -> None:
        text = Text("pitch-1", Merge("{{DEAL}}"), Merge("{{first_name}} {{Shoe size}} {{amount}}"), Merge("{{Deal}}"))
        board = plan_of(
            """
            deal    | stage | stage_since | email            | contact       | amount | Shoe size
            A <b> C | Pitch | 2026-10-05  | lou@bolt.example | Dr. Roth, Lou | 12500  | 43
            """,
            texts={"pitch-1": text},
        )
        [draft_] = board.plan.drafts
        assert (draft_.subject, draft_.plain, draft_.html) == ("A <b> C", "Lou 43 12,500", "A &lt;b&gt; C")

    def test_caps(self) -> None:
        rows = "\n".join(f"Deal {n} | Pitch | 2026-10-05 | p{n}@acme.example" for n in range(5))
        sheet = f"deal | stage | stage_since | email\n{rows}"
        capped = plan_of(sheet, policy=dataclasses.replace(POLICY, per_run=2))
        assert len(capped.drafts()) == 2
        assert set(capped.skipped().values()) == {"not yet, more are due than 2 a run and 50 a day"}
        later = plan_of(sheet, policy=dataclasses.replace(POLICY, per_day=3), history=History({}, frozenset(), 2))
        assert len(later.drafts()) == 1

    @pytest.mark.slow
    def test_nothing_is_drafted_while_a_column_that_could_forbid_it_is_gone(self) -> None:
        board = plan_of(STALLED)
        layout = dataclasses.replace(board.book.layout, gone={"do_not_contact": "Do not mail"})
        assert "Do not mail" in _replan(board.book, layout)

    def test_the_sequence_goes_on_after_the_first_was_sent(self) -> None:
        entries = [StageEntry("Pitch", dt.date(2026, 10, 5), dt.date(2026, 10, 5))]
        sent = DealHistory(entries=entries, drafts=[draft(on=dt.date(2026, 11, 2), state="sent")])
        board = plan_of(
            STALLED.replace("Acme", "Acme").replace("deal |", "Deal ID | deal |").replace("    Acme", "    D-1 | Acme"),
            past={"D-1": sent},
        )
        assert [d.key for d in board.plan.drafts] == ["D-1/1/2"]

    def test_a_reply_is_a_reply_however_the_address_is_typed(self) -> None:
        mail = {"kim@acme.example": Correspondence(theirs=dt.date(2026, 11, 19))}
        assert plan_of(STALLED.replace("kim@", "KIM@"), mail=mail).verdict("Acme").status == "Your turn"

    def test_a_cell_that_cannot_be_read_but_could_forbid_it_holds_the_mail(self) -> None:
        for column, cell in {
            "waiting_until": "mid January",
            "last_reply": "gestern",
            "owner_email": "kim(at)n",
        }.items():
            board = plan_of(f"""
                deal | stage | stage_since | email            | {column}
                Acme | Pitch | 2026-10-05  | kim@acme.example | {cell}
            """)
            assert board.skipped() == {"D-1": f"mend {column} first, it could forbid this mail"}

    def test_a_contact_in_the_future_is_a_slip_that_holds_the_mail(self) -> None:
        board = plan_of("""
            deal | stage | stage_since | email            | last_contact
            Acme | Pitch | 2026-10-05  | kim@acme.example | 2027-11-20
        """)
        assert board.skipped() == {"D-1": "mend last_contact first, it could forbid this mail"}
        assert "contact.future" in board.rules("Acme")

    def test_the_day_of_the_win_or_the_loss_ends_a_deal_whatever_its_stage_says(self) -> None:
        board = plan_of("""
            deal | stage | stage_since | email            | won_on     | lost_on
            Acme | Pitch | 2026-10-05  | kim@acme.example | 2026-11-02 |
            Bolt | Pitch | 2026-10-05  | lou@bolt.example |            | 2026-11-03
        """)
        assert (board.status("Acme"), board.status("Bolt")) == ("Won: 2 Nov", "Lost")
        assert board.drafts() == {"kim@acme.example": "care-first-problems"}
        assert {(p.rule, p.severity) for p in board.plan.problems if p.column == "stage"} == {
            ("stage.left_behind", "info")
        }

    def test_a_closing_day_that_cannot_be_read_holds_the_mail_and_so_does_one_that_contradicts(self) -> None:
        board = plan_of("""
            deal | stage | stage_since | email            | won_on     | lost_on    | contract_signed
            Acme | Pitch | 2026-10-05  | kim@acme.example | soonish    |            |
            Bolt | Won   | 2026-11-17  | lou@bolt.example | 2026-11-17 | 2026-11-20 | yes
        """)
        assert board.skipped() == {
            "D-1": "mend won_on first, it could forbid this mail",
            "D-2": "settle first: lost_on says 20 Nov, and stage says Won",
        }
        assert "stage.closed" in board.rules("Bolt")

    def test_who_wrote_last_is_known_even_where_the_stage_is_not(self) -> None:
        board = plan_of("""
            deal | stage   | stage_since | email            | last_reply
            Acme | Pitch   | 2026-10-05  | kim@acme.example |
            Bolt | Nowhere | 2026-10-05  | kim@acme.example | 2026-11-20
        """)
        assert board.skipped() == {"D-1": "they wrote last"}

    def test_a_silence_of_months_is_too_long_for_a_nudge(self) -> None:
        board = plan_of(STALLED.replace("2026-10-05", "2026-03-02"))
        assert "too long for a nudge" in board.skipped()["D-1"]

    def test_a_customer_who_waits_is_left_in_peace(self) -> None:
        won = """
            deal | stage | won_on     | contract_signed | email            | waiting_until
            Acme | Won   | 2026-11-17 | yes             | kim@acme.example | {}
        """
        assert plan_of(won.format("")).drafts() == {"kim@acme.example": "care-onboarding"}
        assert plan_of(won.format("2026-12-03")).skipped() == {"D-1": "the deal waits"}

    def test_nobody_hears_of_two_deals_within_days_or_gets_a_text_twice(self) -> None:
        sheet = """
            Deal ID | deal | stage | stage_since | email
            D-1     | Acme | Pitch | 2026-10-05  | kim@acme.example
            D-2     | Bolt | Lost  | 2026-11-20  | kim@acme.example
        """
        sent = draft("D-2/1/1", on=dt.date(2026, 11, 20), state="sent")
        past = {"D-1": DealHistory(), "D-2": DealHistory(drafts=[sent])}
        board = plan_of(sheet, past=past)
        assert board.skipped() == {"D-1": "a mail about another deal went to them on 20 Nov"}
        later = plan_of(sheet, past=past, today=dt.date(2026, 12, 1))
        assert later.skipped()["D-1"] == "this text was drafted to them already, on 20 Nov"


class TestAnswers:
    @pytest.mark.parametrize(
        ("made", "answered"),
        [
            ([draft(on=dt.date(2026, 11, 9), state="sent")], "D-1/1/1"),
            ([draft(on=dt.date(2026, 11, 9), state="unknown")], "D-1/1/1"),
            ([draft(on=dt.date(2026, 11, 9), state="deleted")], None),
            ([draft(on=dt.date(2026, 11, 18), state="sent")], None),
            ([draft(on=dt.date(2026, 11, 9), state="sent")._replace(answered_on=dt.date(2026, 11, 10))], None),
            ([draft(on=dt.date(2026, 11, 2), state="sent"), draft("D-1/1/2", on=dt.date(2026, 11, 9))], "D-1/1/2"),
        ],
    )
    def test_the_latest_draft_before_their_word_has_been_answered(
        self, made: list[DraftRecord], answered: str | None
    ) -> None:
        past = DealHistory(entries=[StageEntry("Pitch", dt.date(2026, 11, 2), None)], drafts=made)
        board = plan_of("Deal ID | deal | stage | last_reply\nD-1     | Acme | Pitch | 2026-11-18", past={"D-1": past})
        told = [(answer.key, answer.on) for answer in board.plan.answers]
        assert told == ([] if answered is None else [(answered, dt.date(2026, 11, 18))])


class TestCells:
    def test_a_first_run_adds_its_columns_and_fills_them(self) -> None:
        board = plan_of("deal | stage\nAcme | Pitch")
        assert board.plan.new_columns == ["Deal ID", "Status", "Suggested next step", "Follow-up"]
        assert [(c.column, c.old) for c in board.plan.changes] == [
            ("Deal ID", ""),
            ("Status", ""),
            ("Suggested next step", ""),
        ]

    def test_what_a_person_wrote_is_left_alone_and_reported(self) -> None:
        board = plan_of("Deal ID | deal | stage | Status\nD-1 | Acme | Pitch | call her first!")
        assert "Status" not in {change.column for change in board.plan.changes}
        assert "cell.overwritten" in board.rules("Acme")

    def test_what_a_run_wrote_is_written_anew(self) -> None:
        past = {"D-1": DealHistory(written={"Status": ("On track: next look after 1 Nov",)})}
        sheet = "Deal ID | deal | stage | Status\nD-1 | Acme | Pitch | On track: next look after 1 Nov"
        assert "D-1" in plan_of(sheet, past=past).cells("Status")

    def test_a_header_that_was_renamed_leaves_our_texts_ours(self) -> None:
        past = {"D-1": DealHistory(written={"State": ("On track: next look after 1 Nov",)})}
        sheet = "Deal ID | deal | stage | Status\nD-1 | Acme | Pitch | On track: next look after 1 Nov"
        assert "D-1" in plan_of(sheet, past=past).cells("Status")

    def test_a_ledger_that_was_lost_does_not_stop_the_tool(self) -> None:
        sheet = "Deal ID | deal | stage | Status | Suggested next step\nD-1 | Acme | Pitch | Stalled: long | Call"
        board = plan_of(sheet)
        assert set(board.cells("Status")) == set(board.cells("Suggested next step")) == {"D-1"}

    def test_a_status_column_of_the_teams_own_is_not_taken_for_ours(self) -> None:
        board = plan_of("deal | stage | Status\nAcme | Won | Won\nBolt | Pitch | Waiting: for legal")
        assert board.cells("Status") == {}

    def test_taking_over_is_a_decision(self) -> None:
        sheet = "deal | stage | Status\nAcme | Pitch | old"
        assert "D-1" in plan_of(sheet, policy=dataclasses.replace(POLICY, take_over=True)).cells("Status")

    def test_a_formula_is_left_alone_and_reported(self) -> None:
        from tests.fakes.board import table

        read = dataclasses.replace(table("Deal ID | deal | stage | Status\nD-1 | Acme | Pitch | x"), formulas={2: {3}})
        board = plan_of(read)
        assert board.cells("Status") == {}
        assert "cell.formula" in board.rules("Acme")

    def test_a_copy_that_had_to_say_the_same_at_first_is_still_ours_later(self) -> None:
        past = {
            "D-1": DealHistory(written={"Status": ("On track: next look after 4 Dec",)}),
            "D-2": DealHistory(written={"Deal ID": ("D-2",)}),
        }
        sheet = "Deal ID | deal | stage | Status\nD-2 | Bolt | Lost | On track: next look after 4 Dec"
        assert plan_of(sheet, past=past).cells("Status") == {"D-2": "Lost"}

    def test_a_copied_row_gets_an_id_and_texts_of_its_own(self) -> None:
        past = {"D-1": DealHistory(written={"Status": ("On track",)}, fingerprint="Acme\x1f\x1f\x1f")}
        board = plan_of(
            "Deal ID | deal | stage | Status\nD-1 | Acme | Pitch | On track\nD-1 | Acme | Lost | On track", past=past
        )
        assert board.cells("Deal ID") == {"D-2": "D-2"}
        assert set(board.cells("Status")) == {"D-1", "D-2"}


class TestBrakes:
    def test_a_deal_that_was_only_imported_is_none_that_a_run_knows(self) -> None:
        past = {"D-1": DealHistory(imported=StageEntry("Pitch", dt.date(2026, 11, 2), None))}
        assert plan_of("deal | stage", past=past).plan.brakes == []
        [brake] = plan_of("Deal ID | deal | stage\nD-1     | Acme | Pitch", past=past).plan.brakes
        assert brake.switch == "new-ledger"

    def test_a_sheet_that_is_suddenly_empty(self) -> None:
        [brake] = plan_of("deal | stage", past={"D-1": DealHistory()}).plan.brakes
        assert (brake.switch, "--allow-empty" in brake.message) == ("empty", True)

    def test_an_empty_sheet_that_always_was(self) -> None:
        assert plan_of("deal | stage").plan.brakes == []

    def test_a_ledger_that_knows_nothing_of_a_sheet_with_our_ids(self) -> None:
        sheet = "Deal ID | deal | stage\nD-1 | Acme | Pitch\nD-2 | Bolt | Pitch"
        [brake] = plan_of(sheet).plan.brakes
        assert brake.switch == "new-ledger"
        assert brake.message.startswith("2 rows of the sheet with an ID of an earlier run")
        assert plan_of(sheet, past={"D-1": DealHistory(), "D-2": DealHistory()}).plan.brakes == []
        [old_backup] = plan_of(sheet, past={"D-1": DealHistory()}).plan.brakes
        assert old_backup.message.startswith("1 row of the sheet")
        assert plan_of("Deal ID | deal | stage\nOPP-1 | Acme | Pitch").plan.brakes == []

    def test_too_many_stages_changed_at_once(self) -> None:
        rows = "\n".join(f"D-{n} | Deal {n} | Pitch" for n in range(1, 31))
        past = {
            f"D-{n}": DealHistory(entries=[StageEntry("Closing" if n <= 20 else "Pitch", MONDAY, None)])
            for n in range(1, 31)
        }
        sheet = f"Deal ID | deal | stage\n{rows}"
        strict = dataclasses.replace(POLICY, max_stage_changes=0.5)
        [brake] = plan_of(sheet, past=past, policy=strict).plan.brakes
        assert brake.message.startswith("20 of 30 deals are in another stage")
        assert plan_of(sheet, past=past, policy=dataclasses.replace(POLICY, max_stage_changes=0.7)).plan.brakes == []


def test_referrals_of_won_deals_are_new_leads() -> None:
    board = plan_of("""
        deal | stage | contact | referrals          | contract_signed
        Acme | Won   | Kim Lee | Lou Roth; Max Orr  | yes
        Bolt | Lost  | Max Orr | Somebody           |
    """)
    assert [(lead.name, lead.referred_by) for lead in board.plan.new_leads] == [("Lou Roth", "D-1")]


def test_the_funnel_counts_and_weighs() -> None:
    board = plan_of("""
        deal | stage | amount    | probability | created
        Acme | Pitch | $1,000.00 | 50%         | 2026-11-20
        Bolt | Pitch | $3,000.00 |             | 2026-11-16
        Cask | Won   | €500      |             | 2026-11-17
        Dorn | Lost  | €700      | 30%         |
    """)
    funnel = board.plan.funnel
    stages = {stage.stage: stage for stage in funnel.stages}
    assert stages["Pitch"].deals == 2
    assert stages["Pitch"].amounts == {"USD": 4000.0}
    assert stages["Won"].weighted == {"EUR": 500.0}
    assert stages["Lost"].weighted == {"EUR": 0.0}
    assert stages["Pitch"].weighted["USD"] == 500 + 3000 * board.stage("Pitch").probability
    assert (funnel.won, funnel.lost, funnel.win_rate, funnel.new_leads) == (1, 1, 0.5, 2)


def test_cold_or_warm_follows_from_the_source_where_nobody_says() -> None:
    board = plan_of("""
        deal | stage       | source   | lead_type
        Acme | Prospecting | website  |
        Bolt | Prospecting | cold call|
        Cask | Prospecting | website  | cold
        Dorn | Prospecting |          |
    """)
    assert [deal.lead_type for deal in board.book.parsed.deals] == ["warm", "cold", "cold", None]


def _replan(book: object, layout: object) -> str:
    from fivestep.config.sales_process.load import BUILT_IN_PROCESS, load_process
    from fivestep.config.texts.load import load_texts
    from fivestep.process.evaluate import Book, evaluate

    assert isinstance(book, Book)
    texts = load_texts(None)
    process = load_process(BUILT_IN_PROCESS, "process.toml", book.layout.columns, texts)
    plan = evaluate(dataclasses.replace(book, layout=layout), process, texts, POLICY, History(), NO_MAIL, MONDAY)
    return plan.drafts[0].skipped
