"""Judges deals one by one: clocks, findings, status, the next step, and the follow-up that is due.

Everything about a deal is worked out while it is at hand, so that of most deals nothing but the results is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from fivestep.process.judging.clocks import ClockReader, Clocks
from fivestep.process.judging.deal_looks import fingerprint
from fivestep.process.judging.findings import DealFindings, Findings
from fivestep.process.judging.lateness import age_of, yardsticks
from fivestep.process.judging.next_step import next_step
from fivestep.process.judging.proposals import NO_PROPOSAL, MailProposal, proposal_of
from fivestep.process.judging.sequence import (
    FollowUpState,
    care,
    halted,
    kept_back,
    nudge,
    of_this_entry,
    out_of_date,
)
from fivestep.process.judging.status import StatusTold, status_of, unknown_age
from fivestep.process.mails.due import Due, People
from fivestep.process.mails.refusals import GUARDS
from fivestep.process.mails.told_by_mail import halt_of
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import (
    NO_PAST,
    OPEN_STATES,
    Correspondence,
    DealHistory,
    DraftRecord,
    DraftState,
    History,
)
from fivestep.process.model.plan import LATE, AgeLimit, FirstAnswer, Sighting, Verdict
from fivestep.process.model.problem import Problem
from fivestep.process.model.prognosis import Prognosis
from fivestep.process.model.sales_process import Facts, Process, Stage
from fivestep.process.model.tuples import tuple_of
from fivestep.process.reading.layout import Layout
from fivestep.process.wording import show


class Standing(NamedTuple):
    """Where one deal stands, before the drafts are chosen."""

    deal: Deal
    past: DealHistory
    stage: Stage | None
    clocks: Clocks | None
    """None where the stage is unknown."""
    facts: Facts
    told: StatusTold
    found: DealFindings
    follow_up: FollowUpState
    proposal: MailProposal = NO_PROPOSAL
    limit: AgeLimit | None = None

    def verdict(self, follow_up: FollowUpState) -> Verdict:
        """The standing in words, with this state of its follow-up."""
        deal, _past, stage, clocks, facts, told, found, _before_drafting, proposal, limit = self
        step = next_step(deal, stage, told, clocks, facts, found, follow_up, proposal)
        return tuple_of(
            Verdict,
            (
                deal.id,
                deal.row,
                deal.stage or "",
                told.status,
                told.reason,
                step,
                facts.days_in_stage,
                clocks.days_told if clocks is not None else None,
                deal.name,
                told.due,
                clocks.began if clocks is not None else None,
                age_of(clocks, facts.today) if clocks is not None and clocks.dated else None,
                limit,
                told.open_points,
                told.past_wins,
            ),
        )


_NO_FOLLOW_UP = FollowUpState()
_PERHAPS_SENT: Set[DraftState] = frozenset({"sent", "unknown", "created"})
"""Not every mailbox tells what became of a draft."""
_NOTHING_MADE: Sequence[DraftRecord] = ()


class Judge:
    """Judges the deals of one sheet on one day, and collects what it finds."""

    def __init__(
        self,
        process: Process,
        layout: Layout,
        findings: Findings,
        correspondence: Mapping[str, Correspondence],
        reader: ClockReader,
        prognosis: Prognosis,
    ) -> None:
        """Prepare to judge the deals of one sheet.

        - `process`, `layout`: the team's process, and where the fields stand in the sheet.
        - `findings`: collects the problems.
        - `correspondence`: what was written, by the person's address.
        - `reader`: reads the clocks.
        - `prognosis`: what the past says of open deals.
        """
        self.verdicts: list[Verdict] = []
        """In the order of the sheet, as this and all that follow."""
        self.follow_ups: list[str] = []
        """What the follow-up cells say as long as no new draft is made."""
        self.due: dict[int, Standing] = {}
        """Position to standing, where a follow-up is due by now."""
        self.sightings: list[Sighting] = []
        self.moved: list[bool] = []
        """For each deal that the ledger has seen in a stage: whether it is in another now."""
        self.answers: list[FirstAnswer] = []
        self._untouchable: set[str] = set()
        self._wrote_last: set[str] = set()
        self._process = process
        self._layout = layout
        self._findings = findings
        self._mail = correspondence
        self._reader = reader
        self._yardsticks = yardsticks(process, prognosis)
        self._limits = {stage: yardstick.told for stage, yardstick in self._yardsticks.items()}
        self._follows_up = "email" in layout.columns
        self._ageless = unknown_age(layout)

    def judge(self, deals: Iterable[Deal], past: Mapping[str, DealHistory]) -> None:
        """Judge these deals."""
        for position, deal in enumerate(deals):
            standing = self._standing(deal, past.get(deal.id, NO_PAST))
            state = standing.follow_up
            if state.due is not None:
                self.due[position] = standing
            self.verdicts.append(standing.verdict(state))
            self.follow_ups.append(state.cell)
            self._note(standing)

    def dues(self) -> list[Due]:
        """The follow-ups that the sequences ask for by now."""
        gone = next((self._layout.gone[field] for field in GUARDS if field in self._layout.gone), "")
        return [
            Due(
                s.deal,
                s.stage,
                s.clocks.entry,
                s.follow_up.due,
                s.follow_up.number,
                s.clocks.days_since_contact,
                s.clocks.theirs,
                s.found.first,
                gone,
                self._findings.unread(s.deal, GUARDS) or self._to_come(s.deal),
            )
            for s in self.due.values()
            if s.follow_up.due is not None and s.stage is not None and s.clocks is not None
        ]

    def people(self, history: History) -> People:
        """Who gets no draft, over all deals: what holds for a person on one row holds on the others."""
        mails: dict[str, list[DraftRecord]] = {}
        for past in history.deals.values():
            for draft in past.drafts:
                if draft.state != "failed" and draft.state not in OPEN_STATES:
                    mails.setdefault(draft.person, []).append(draft)
        return People(self._untouchable, self._wrote_last, history.open_people, mails)

    def _standing(self, deal: Deal, past: DealHistory) -> Standing:
        today = self._reader.today
        if deal.stage is None:
            facts = Facts(today, None, None, 0)
            found = self._findings.of_a_deal(deal, None, None, facts, past, self._mail_of(deal))
            reason = f"{deal.stage_word!r}" if deal.stage_word else "the stage is blank"
            return Standing(deal, past, None, None, facts, StatusTold("Unknown stage", reason), found, _NO_FOLLOW_UP)
        stage = self._process.stages[deal.stage]
        mail = self._mail_of(deal)
        clocks = self._reader.read(deal, stage, past, mail)
        made = of_this_entry(past.drafts, clocks.entry) if past.drafts else _NOTHING_MADE
        facts = tuple_of(Facts, (today, *clocks.certain, len(made)))
        found = self._findings.of_a_deal(deal, stage, clocks, facts, past, mail)
        told = status_of(deal, stage, clocks, found, self._reader, self._yardsticks.get(stage.name), self._ageless)
        late = told.status in LATE and not told.past_wins
        state = _NO_FOLLOW_UP
        if self._follows_up and (made or past.drafts or late or stage.kind == "won"):
            state = self._follow_up(deal, stage, clocks, facts, past, made, found.first, late=late)
            state = halted(state, halt_of(deal, mail, today), made, today)
        proposal = NO_PROPOSAL if mail is None else proposal_of(deal, mail, self._layout, today)
        limit = self._limits.get(stage.name)
        return tuple_of(Standing, (deal, past, stage, clocks, facts, told, found, state, proposal, limit))

    def _mail_of(self, deal: Deal) -> Correspondence | None:
        return self._mail.get(deal.email.casefold()) if self._mail and deal.email else None

    def _note(self, standing: Standing) -> None:
        """Note what is asked about all deals together."""
        deal, past, clocks = standing.deal, standing.past, standing.clocks
        if past.entries:
            self.moved.append(clocks is not None and clocks.entered)
        email = deal.email
        if email and deal.do_not_contact:
            self._untouchable.add(email.casefold())
        if email and self._is_their_word_the_last(deal, past, clocks):
            self._wrote_last.add(email.casefold())
        if past.drafts and clocks is not None and (answer := _answer(past.drafts, clocks.theirs)) is not None:
            self.answers.append(answer)
        if deal.id and (seen := _sighting(deal, past, clocks)) is not None:
            self.sightings.append(seen)

    def _is_their_word_the_last(self, deal: Deal, past: DealHistory, clocks: Clocks | None) -> bool:
        """Whether they wrote last, which does not depend on the stage being known."""
        if clocks is not None:
            return clocks.your_turn
        return self._reader.contact(deal, past, self._mail_of(deal))[2]

    def _follow_up(
        self,
        deal: Deal,
        stage: Stage,
        clocks: Clocks,
        facts: Facts,
        past: DealHistory,
        made: Sequence[DraftRecord],
        first: Problem | None,
        *,
        late: bool,
    ) -> FollowUpState:
        """Which follow-up is due to this deal, and which comes next.

        - `deal`, `stage`, `clocks`, `facts`, `past`: the deal, and what is known of it.
        - `made`: the drafts of this stage entry.
        - `first`: the error that keeps the follow-ups back; None where there is none.
        - `late`: whether a follow-up may be due to it.
        """
        if past.drafts and (stale := out_of_date(past.drafts, clocks.entry, self._reader.today)):
            return FollowUpState(stale, outdated=True)
        if stage.kind == "open" and (made or late):
            state = nudge(deal, stage, clocks, facts, made, self._reader, late=late)
        elif stage.kind == "won":
            state = care(deal, stage, clocks, facts, made)
        else:
            return _NO_FOLLOW_UP
        return self._held_up(state, deal, made, first) if state.waiting else state

    def _held_up(
        self, state: FollowUpState, deal: Deal, made: Sequence[DraftRecord], first: Problem | None
    ) -> FollowUpState:
        """The state of a sequence whose draft waits, and may have to wait longer or to go."""
        today = self._reader.today
        if deal.do_not_contact:
            return FollowUpState("Delete the draft: nobody is to write to them", outdated=True)
        for until in (deal.waiting_until, deal.next_contact):
            if until is not None and until > today:
                return kept_back(made, f"the deal waits until {show.day(until, today)}", today)
        return kept_back(made, show.cell_text(first.message), today) if first else state

    def _to_come(self, deal: Deal) -> str:
        """The header of a contact that is dated in the future; empty where there is none."""
        for field, day in (("last_reply", deal.last_reply), ("last_contact", deal.last_contact)):
            if day is not None and day > self._reader.today:
                return self._layout.header(field)
        return ""


def _answer(drafts: Sequence[DraftRecord], theirs: dt.date | None) -> FirstAnswer | None:
    """What their last word is to the latest draft before it; None where it is none, or not the first one."""
    if theirs is None:
        return None
    before = [draft for draft in drafts if draft.on < theirs and draft.state in _PERHAPS_SENT]
    if not before or before[-1].answered_on is not None:
        return None
    return FirstAnswer(before[-1].key, theirs)


def _sighting(deal: Deal, past: DealHistory, clocks: Clocks | None) -> Sighting | None:
    """What the ledger does not have yet about this deal; None where it has all of it."""
    about = fingerprint(deal)
    if clocks is None:
        if past is not NO_PAST and past.fingerprint == about:
            return None
        return Sighting(deal.id, about, "", False, past.entries[-1].dated if past.entries else None, tuple(past.waits))
    entered, since, waits = clocks.entered, deal.stage_since, clocks.waits
    if not entered and past.fingerprint == about and waits == tuple(past.waits):
        last = past.entries[-1]
        if last.dated == since and last.stage == deal.stage:
            return None
    return tuple_of(Sighting, (deal.id, about, deal.stage or "", entered, since, waits))
