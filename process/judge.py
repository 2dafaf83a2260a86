"""Judges deals one by one: clocks, findings, status, and the follow-up that is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fivestep.process.clocks import ClockReader, Clocks
from fivestep.process.deal import Deal
from fivestep.process.definition import Facts, Process, Stage
from fivestep.process.drafting import GUARDS, Due, People
from fivestep.process.findings import Findings
from fivestep.process.follow_up import FollowUpState, care, nudge, of_this_entry, out_of_date
from fivestep.process.history import NO_PAST, Correspondence, DealHistory, DraftRecord, History
from fivestep.process.layout import Layout
from fivestep.process.plan import Sighting, Status
from fivestep.process.problem import Problem
from fivestep.process.verdict import status_of


class Standing(NamedTuple):
    """One deal, judged, before the drafts are chosen."""

    deal: Deal
    past: DealHistory
    stage: Stage | None
    clocks: Clocks | None
    """None where the stage is unknown."""
    facts: Facts
    status: Status
    reason: str
    errors: Sequence[Problem]
    follow_up: FollowUpState


_NO_FOLLOW_UP = FollowUpState()
_NOTHING_MADE: Sequence[DraftRecord] = ()


class Judge:
    """Judges the deals of one sheet on one day."""

    def __init__(
        self,
        process: Process,
        layout: Layout,
        findings: Findings,
        history: History,
        correspondence: Mapping[str, Correspondence],
        reader: ClockReader,
    ) -> None:
        self._process = process
        self._layout = layout
        self._findings = findings
        self._history = history
        self._mail = correspondence
        self._reader = reader
        self._follows_up = "email" in layout.columns

    def standing(self, deal: Deal, past: DealHistory) -> Standing:
        """Where one deal stands."""
        today = self._reader.today
        stage = self._process.stages[deal.stage] if deal.stage is not None else None
        if stage is None:
            facts = Facts(today, 0, 0, 0)
            errors = self._findings.of_a_deal(deal, None, None, facts, past)
            reason = f"{deal.stage_word!r}" if deal.stage_word else "the stage is blank"
            return Standing(deal, past, None, None, facts, "Unknown stage", reason, errors, _NO_FOLLOW_UP)
        mail = self._mail.get(deal.email.casefold()) if self._mail and deal.email else None
        clocks = self._reader.read(deal, stage, past, mail)
        made = of_this_entry(past.drafts, clocks.entry) if past.drafts else _NOTHING_MADE
        facts = Facts(today, clocks.days_in_stage, clocks.days_since_contact, len(made))
        errors = self._findings.of_a_deal(deal, stage, clocks, facts, past)
        status, reason = status_of(deal, stage, clocks, errors, self._reader)
        state = _NO_FOLLOW_UP
        if self._follows_up:
            state = self._follow_up(deal, stage, clocks, facts, past, made, stalled=status == "Stalled")
        return Standing(deal, past, stage, clocks, facts, status, reason, errors, state)

    def dues(self, standings: Iterable[Standing]) -> list[Due]:
        """The follow-ups that the sequences ask for by now."""
        return [
            Due(
                s.deal,
                s.clocks.entry,
                s.follow_up.due,
                s.follow_up.step,
                s.follow_up.steps,
                s.stage.kind == "won",
                self._held(s.deal, s.stage, s.clocks),
            )
            for s in standings
            if s.follow_up.due is not None and s.stage is not None and s.clocks is not None
        ]

    def people(self, standings: Iterable[Standing]) -> People:
        """Who gets no draft, over all deals: what holds for a person on one row holds on the others."""
        untouchable: set[str] = set()
        wrote_last: set[str] = set()
        if "do_not_contact" in self._layout.columns or "last_reply" in self._layout.columns or self._mail:
            for standing in standings:
                email = standing.deal.email
                if email and standing.deal.do_not_contact:
                    untouchable.add(email.casefold())
                if email and standing.clocks is not None and standing.clocks.your_turn:
                    wrote_last.add(email.casefold())
        return People(frozenset(untouchable), frozenset(wrote_last), frozenset(self._history.open_people))

    def _follow_up(
        self,
        deal: Deal,
        stage: Stage,
        clocks: Clocks,
        facts: Facts,
        past: DealHistory,
        made: Sequence[DraftRecord],
        *,
        stalled: bool,
    ) -> FollowUpState:
        if past.drafts and (stale := out_of_date(past.drafts, clocks.entry, self._reader.today)):
            return FollowUpState(stale)
        if stage.kind == "open" and (made or stalled):
            return nudge(deal, stage, clocks, facts, made, self._reader, stalled=stalled)
        if stage.kind == "won":
            return care(deal, stage, clocks, facts, made)
        return _NO_FOLLOW_UP

    def _held(self, deal: Deal, stage: Stage, clocks: Clocks) -> str:
        """Why this deal's follow-up must not be drafted now; empty where nothing speaks against it."""
        gone = [self._layout.gone[field] for field in GUARDS if field in self._layout.gone]
        if gone:
            return f"the column {gone[0]} is gone from the sheet, and it could forbid this mail"
        if not deal.id:
            return "the row has no ID of its own"
        if deal.waiting_until is not None and deal.waiting_until > self._reader.today:
            return "the deal waits"
        if stage.quiet_after is not None and clocks.days_since_contact > stage.quiet_after:
            return f"silent for {clocks.days_since_contact} working days, too long for a nudge"
        return ""


def sighting(standing: Standing, fingerprint: str) -> Sighting | None:
    """What the ledger does not have yet about this deal; None where it has all of it."""
    deal, past, clocks = standing.deal, standing.past, standing.clocks
    if not deal.id:
        return None
    if clocks is None:
        if past is not NO_PAST and past.fingerprint == fingerprint:
            return None
        return Sighting(deal.id, fingerprint, "", False, None, tuple(past.waits))
    known = past.entries and not clocks.entered and past.entries[-1].dated == deal.stage_since
    if known and past.fingerprint == fingerprint and clocks.waits == tuple(past.waits):
        return None
    return Sighting(deal.id, fingerprint, deal.stage or "", clocks.entered, deal.stage_since, clocks.waits)
