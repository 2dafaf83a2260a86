"""The process file: all mistakes at once, what a file becomes, and what the built-in process says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivestep.config.sales_process.load import BUILT_IN_PROCESS, load_process
from fivestep.config.settings.mistakes import read_text
from fivestep.config.texts.load import load_texts
from fivestep.errors import SettingsError
from fivestep.process.model.deal import KINDS, Deal
from fivestep.process.model.sales_process import Facts, FollowUp, Process
from fivestep.process.model.template import Merge
from fivestep.process.wording import show
from tests import ROOT

TODAY = dt.date(2026, 11, 23)
FACTS = Facts(TODAY, days_in_stage=2, days_since_contact=1, follow_ups=0)
TEXTS = ["nudge", "thanks"]

SMALL = """
name = "Small"
[targets]
new_leads_per_week = 3
[fields]
renewal = "date"
plan = "choice"
[labels]
need = "what they need"
[choices.plan]
basic = ["Starter"]
full = ["*"]
[choices.source]
event = []
[choices.lead_type]
warm = []
[scales]
plan = [{ of = 5, from = { full = 4, basic = 1 } }]
[lead_type_by_source]
event = "warm"

[[stages]]
name = "Talk"
aliases = ["Talking", "2. Gespräch"]
probability = 0.3
stall_after = 7
silent_after = 5
quiet_after = 60
enter = ["contact"]
leave = ["need", "proposal_sent"]
[stages.questions]
need = "What do you need?"
[[stages.rules]]
id = "late"
field = "renewal"
when = "renewal < today"
severity = "error"
message = "{{deal|The deal}} is late"
fix = "Mend {{column|the day}}"
[[stages.next_steps]]
when = 'plan == "full"'
step = "Call {{contact|them}}"
[[stages.next_steps]]
questions = true
[[stages.next_steps]]
step = "Move to Signed"
[[stages.follow_ups]]
when = "known(need)"
steps = []
[[stages.follow_ups]]
steps = [{ after = 3, text = "nudge" }, { after = 5, text = "thanks" }]

[[stages]]
name = "Offer"
moves = ["Talk", "Signed"]

[[stages]]
name = "Signed"
kind = "won"
date = "won_on"
[[stages.care]]
when = "known(won_on)"
after = 2
within = 8
text = "thanks"

[[stages]]
name = "Gone"
kind = "lost"
enter = ["lost_reason"]
"""


def small(*mapped: str, change: tuple[str, str] = ("", "")) -> Process:
    assert change[0] in SMALL
    return load_process(
        SMALL.replace(*change) if change[0] else SMALL, "p.toml", mapped or [*KINDS, "renewal", "plan"], TEXTS
    )


def mistakes(old: str, new: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        small(change=(old, new))
    return [str(mistake).removeprefix("p.toml: ") for mistake in caught.value.mistakes]


def ids(process: Process, stage: str) -> list[tuple[str, str]]:
    return [(rule.id, rule.severity) for rule in process.stages[stage].rules]


def test_what_a_file_becomes() -> None:
    process = small()
    talk, offer, signed, gone = process.stages.values()
    assert (process.name, process.new_leads_per_week, process.cold_or_warm) == ("Small", 3, {"event": "warm"})
    assert process.kinds["renewal"] == "date"
    assert process.choices["plan"].words == {"starter": "basic", "basic": "basic", "full": "full"}
    assert process.choices["plan"].other == "full"
    assert process.choices["plan"].scales == ((5.0, {4.0: "full", 1.0: "basic"}),)
    assert process.stage_words["2 gesprach"] == process.stage_words["talk"] == "Talk"
    assert (talk.kind, talk.probability, talk.stall_after, talk.silent_after, talk.quiet_after) == (
        "open",
        0.3,
        7,
        5,
        60,
    )
    assert (signed.kind, signed.probability, signed.date_field) == ("won", 1.0, "won_on")
    assert talk.moves == {"Offer", "Gone"}
    assert offer.moves == {"Talk", "Signed"}
    assert signed.moves == gone.moves == frozenset()
    assert talk.sequences == ((), (FollowUp(3, "nudge"), FollowUp(5, "thanks")))
    assert signed.care == (FollowUp(2, "thanks", 8),)


def test_what_each_stage_asks_for() -> None:
    process = small()
    asked = [("talk.need", "error"), ("talk.proposal_sent", "error")]
    assert ids(process, "Talk") == [
        ("talk.late", "error"),
        ("talk.contact", "error"),
        ("talk.need", "info"),
        ("talk.proposal_sent", "info"),
    ]
    assert ids(process, "Offer") == asked
    # The stage before Signed, Offer, asks for nothing: what Talk asked for is history.
    assert ids(process, "Signed") == [("talk.need", "info"), ("talk.proposal_sent", "info")]
    assert ids(process, "Gone") == [("gone.lost_reason", "error")]
    need, proposal = process.stages["Offer"].rules
    assert need.message == Merge("What they need is missing, and Talk does not end without it")
    assert need.fix == Merge("Fill in {{column|What they need}}. Ask: What do you need?")
    assert proposal.fix == Merge("Put a tick or the day into {{column|Proposal sent}}")


def test_about_a_field_one_thing_is_said() -> None:
    process = small(change=('leave = ["need"', 'leave = ["contact", "need"'))
    assert ids(process, "Talk")[1:3] == [("talk.contact", "error"), ("talk.need", "info")]


def test_the_gravest_come_first() -> None:
    order = ["error", "warning", "info"]
    for stage in built_in().stages.values():
        severities = [order.index(rule.severity) for rule in stage.rules]
        assert severities == sorted(severities)


def test_the_conditions_are_those_of_the_entries() -> None:
    talk = small().stages["Talk"]
    late = Deal(2, contact="Ann", need="x", proposal_sent=True, extra={"renewal": dt.date(2026, 1, 1), "plan": "full"})
    assert [talk.rules[i].id for i in talk.broken(late, FACTS)] == ["talk.late"]
    assert [talk.rules[i].id for i in talk.broken(Deal(2), FACTS)] == [
        "talk.contact",
        "talk.need",
        "talk.proposal_sent",
    ]
    assert talk.next_steps[talk.next_step(late, FACTS)] == Merge("Call {{contact|them}}")
    assert talk.next_steps[talk.next_step(Deal(2), FACTS)] == Merge("Ask: What do you need?")
    assert talk.next_steps[talk.next_step(Deal(2, need="x"), FACTS)] == Merge("Move to Signed")
    assert (talk.sequence(late, FACTS), talk.sequence(Deal(2), FACTS)) == (0, 1)
    signed = small().stages["Signed"]
    assert list(signed.care_due(Deal(2, won_on=TODAY), FACTS)) == [0]
    assert list(signed.care_due(Deal(2), FACTS)) == []


def test_what_is_not_mapped_is_not_checked() -> None:
    process = small("stage", "need", "my_own")
    assert ids(process, "Talk") == [("talk.need", "info")]
    assert process.stages["Signed"].date_field is None
    assert process.kinds["my_own"] == "text"
    assert list(process.stages["Talk"].broken(Deal(2), FACTS)) == [0]


def test_cold_or_warm_can_be_asked_for_where_only_the_source_has_a_column() -> None:
    change = ('plan == "full"', 'lead_type == "warm"')
    for mapped, first in [(["source"], 0), (["lead_type"], 0), (["stage"], 2)]:
        assert (
            small(*mapped, change=change).stages["Talk"].next_step(Deal(2, lead_type="warm", need="x"), FACTS) == first
        )


def test_a_choice_without_words_is_text() -> None:
    assert small().kinds["objection"] == "text"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("renewal = ", "need = ", "fields.need: found 'date'; need is a field of every process, of the kind answer"),
        ('renewal = "date"', 'renewal = "dates"', "did you mean date?"),
        ('plan = "choice"', 'plan = "choice"\ntoday = "date"', "fields.today: a field's name is one word"),
        ('plan = "choice"', 'plan = "choice"\n"Big one" = "date"', "fields.Big one: a field's name is one word"),
        (
            'plan = "choice"',
            'plan = "choice"\nsize = "choice"',
            "fields.size: found 'choice'; its values must stand in",
        ),
        ('need = "what', 'ned = "what', "labels.ned: found 'ned'; there is no such field; did you mean need?"),
        (
            "[choices.source]",
            "[choices.sauce]",
            "choices.sauce: there is no field sauce of the kind choice; did you mean source?",
        ),
        (
            'full = ["*"]',
            'full = ["starter"]',
            "choices.plan.full: found 'starter'; this word stands for basic already",
        ),
        ('full = ["*"]', 'full = ["!"]', "choices.plan.full: found '!'; a word needs letters or digits"),
        ("full = 4", "ful = 4", "scales.plan[1].from.ful: plan has no such value; did you mean full?"),
        ("full = 4", "full = 6", "scales.plan[1].from.full: found 6; must lie between 0 and 5"),
        ("full = 4", "full = 1", "scales.plan[1].from: two values begin with the same number"),
        (
            'event = "warm"',
            'event = "hot"',
            "lead_type_by_source.event: found 'hot'; [choices.lead_type] has no such value",
        ),
        (
            'event = "warm"',
            'evnt = "warm"',
            "lead_type_by_source.evnt: [choices.source] has no such value; did you mean event?",
        ),
        ('"Talking"', '"offer"', "stages.Offer.name: found 'Offer'; this is Talk already"),
        ('"Talking"', '"?"', "stages.Talk.aliases: found '?'; a stage's name needs letters"),
        ('kind = "lost"', 'kind = "won"', 'stages: there is no stage of kind = "lost", and a process needs one'),
        (
            'moves = ["Talk"',
            'moves = ["Tlak"',
            "stages.Offer.moves: found 'Tlak'; there is no such stage; did you mean Talk?",
        ),
        (
            '"won_on"',
            '"need"',
            "stages.Signed.date: found 'need'; a field of the kind date is wanted, and this one is answer",
        ),
        ('"won_on"', '"wonon"', "stages.Signed.date: found 'wonon'; there is no such field; did you mean won_on?"),
        (
            'leave = ["need"',
            'leave = ["nead"',
            "stages.Talk.leave: found 'nead'; there is no such field; did you mean need?",
        ),
        ('leave = ["need"', 'leave = ["need", "need"', "stages.Talk.leave: found 'need'; stands here twice"),
        ('need = "What do', 'nead = "What do', "stages.Talk.questions: found 'nead'; there is no such field"),
        ('id = "late"', 'id = "need"', "stages.Talk.rules.need.id: found 'need'; is in use already"),
        ('id = "late"', 'id = "Too late"', "stages.Talk.rules.Too late.id: found 'Too late'; must look like"),
        (
            "renewal < today",
            "renewal < 3",
            "late.when: found 'renewal < 3'; renewal and 3 cannot be compared: renewal is a date, 3 is a",
        ),
        (
            "{{deal|The deal}}",
            "{{deal}}",
            "stages.Talk.rules.late.message: found {{deal}}; needs a fallback: {{deal|…}}",
        ),
        (
            "{{column|the day}}",
            "{{colum|x}}",
            "rules.late.fix: found {{colum}}; there is no such field; did you mean column?",
        ),
        (
            "{{column|the day}}",
            "{{column",
            "stages.Talk.rules.late.fix: found 'Mend {{column'; {{ without its other half",
        ),
        ("{{contact|them}}", "{{column|x}}", "next_steps[1].step: found {{column}}; there is no such field"),
        (
            'plan == "full"',
            'plan == "fill"',
            "stages.Talk.next_steps[1].when: found 'plan == \"fill\"'; plan is never 'fill'",
        ),
        ("when = 'plan == \"full\"'\n", "", "next_steps[1]: has no `when`, so what stands below it never comes"),
        ("questions = true", "", "stages.Talk.next_steps[2]: must have either step or questions = true"),
        ("questions = true", "questions = true\nwhen = 'fit'", "next_steps[2]: takes no `when`"),
        ('when = "known(need)"\n', "", "stages.Talk.follow_ups[1]: has no `when`"),
        (
            'text = "nudge"',
            'text = "nugde"',
            "follow_ups[2].steps[1].text: found 'nugde'; there is no such mail text; did you",
        ),
        (
            "[[stages.care]]",
            '[[stages.care]]\nafter = 9\ntext = "thanks"\n[[stages.care]]',
            "care[2].after: found 2; comes before",
        ),
        ('kind = "lost"', 'kind = "lost"\nstall_after = 3', "stages.Gone.stall_after: is for open stages"),
        ('kind = "won"', 'kind = "lost"', "stages.Signed.care: is for stages of kind"),
        ("quiet_after = 60", "quiet_after = 5", "stages.Talk.quiet_after: found 5; must be more than silent_after"),
        ("probability = 0.3", "probability = 30", "stages.Talk.probability: found 30; must be 1 or less"),
        ("stall_after = 7", "stall_after = true", "stages.Talk.stall_after: found true; must be a whole number"),
        (
            "stall_after = 7",
            "stal_after = 7",
            "stages.Talk.stal_after: found 7; there is nothing of this name here; did you",
        ),
    ],
)
def test_a_mistake_names_its_place_and_what_belongs_there(old: str, new: str, expected: str) -> None:
    found = mistakes(old, new)
    assert any(expected in mistake for mistake in found), found


def test_all_mistakes_at_once_of_types_and_of_sense() -> None:
    found = mistakes("stall_after = 7\n", 'stall_after = "x"\nleave_after = 3\nmoves = ["Nowhere"]\n')
    assert [mistake.split(":")[0] for mistake in found] == [
        "stages.Talk.stall_after",
        "stages.Talk.leave_after",
        "stages.Talk.moves",
    ]


def test_nothing_is_blamed_for_what_a_mistake_hides() -> None:
    assert len(mistakes('plan = "choice"', "plan = 3")) == 1
    assert len(mistakes('name = "Talk"', "name = 3")) == 1


def test_a_broken_rule_hides_no_other_mistake() -> None:
    found = mistakes('field = "renewal"\n', "")
    assert found == ["stages.Talk.rules.late.field: is missing and must be given"]


LINES = SMALL.splitlines()


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(LINES) - 1), st.sampled_from(["", "x = 1", "name = 3", "[[stages]]", "when = '('"])
        )
    )
)
def test_a_spoilt_file_loads_or_says_why(spoilt: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for number, line in spoilt:
        lines[number] = line
    outcomes = set()
    for mapped in ([], [*KINDS]):
        try:
            load_process("\n".join(lines), "p.toml", mapped, TEXTS)
            outcomes.add("")
        except SettingsError as error:
            outcomes.add(str(error))
    assert len(outcomes) == 1


def built_in(mapped: Collection[str] = tuple(KINDS)) -> Process:
    return load_process(BUILT_IN_PROCESS, "process.toml", mapped, load_texts(None))


def broken(deal: Deal, process: Process | None = None, severity: str = "error") -> set[str]:
    stage = (process or built_in()).stages[deal.stage or ""]
    found = [stage.rules[position] for position in stage.broken(deal, FACTS)]
    return {rule.id for rule in found if rule.severity == severity}


def step(deal: Deal, facts: Facts = FACTS) -> str:
    stage = built_in().stages[deal.stage or ""]
    position = stage.next_step(deal, facts)
    return stage.next_steps[position].render(lambda name: show.field_text(deal, name)).text if position >= 0 else ""


QUALIFIED = Deal(
    2,
    contact="Ann Lee",
    email="ann@kestrel.example",
    source="inbound",
    fit=True,
    amount=5.0,
    need="a",
    pain="b",
    challenges="c",
    requirements="d",
    budget="e",
    authority="f",
    timeline="g",
)
PITCHED = QUALIFIED._replace(solution="h", value="i", case_study="j", presented_on=dt.date(2026, 11, 20))
SIGNED = PITCHED._replace(
    summary_sent=True,
    proposal_sent=True,
    contract_signed=True,
    payment_received=True,
    onboarding=True,
    won_on=dt.date(2026, 11, 19),
)


def test_the_built_in_stages() -> None:
    assert list(built_in().stages) == ["Prospecting", "Qualification", "Pitch", "Objections", "Closing", "Won", "Lost"]


@pytest.mark.parametrize(
    ("word", "stage"),
    [
        ("lead", "Prospecting"),
        ("discovery", "Qualification"),
        ("qualified", "Qualification"),
        ("demo", "Pitch"),
        ("proposal", "Pitch"),
        ("negotiation", "Objections"),
        ("contract sent", "Closing"),
        ("closed won", "Won"),
        ("closed lost", "Lost"),
        ("angebot", "Pitch"),
        ("gagne", "Won"),
        ("受注", "Won"),
        ("проиграна", "Lost"),
    ],
)
def test_usual_words_for_the_stages(word: str, stage: str) -> None:
    assert built_in().stage_words[word] == stage


def test_a_team_that_maps_little_is_asked_for_little() -> None:
    process = built_in(["deal", "stage", "email"])
    for name in process.stages:
        assert broken(Deal(2, deal="x", email="a@b.example", stage=name), process) == set()
        assert broken(Deal(2, deal="x", stage=name), process) <= {"prospecting.email"}


def test_won_means_signed_and_lost_has_a_reason() -> None:
    assert broken(SIGNED._replace(stage="Won")) == set()
    assert broken(SIGNED._replace(stage="Won", contract_signed=None)) == {"won.contract_signed"}
    assert broken(SIGNED._replace(stage="Won", contract_signed=dt.date(2026, 12, 1))) == {"won.contract_signed"}
    assert broken(SIGNED._replace(stage="Won", payment_received=None), severity="warning") == {
        "closing.payment_received"
    }
    assert broken(Deal(2, stage="Lost")) == {"lost.lost_reason"}
    assert broken(Deal(2, stage="Lost", lost_reason="price")) == set()


def test_what_a_stage_leaves_open_is_an_error_in_the_next() -> None:
    assert broken(QUALIFIED._replace(stage="Qualification", budget=None)) == set()
    assert broken(QUALIFIED._replace(stage="Qualification", budget=None), severity="info") == {"qualification.budget"}
    assert broken(QUALIFIED._replace(stage="Pitch", budget=None)) == {"qualification.budget"}
    assert broken(PITCHED._replace(stage="Objections")) == {"objections.objection"}
    assert broken(PITCHED._replace(stage="Closing", objection="price")) == {"closing.answer"}
    assert broken(PITCHED._replace(stage="Closing")) == set()


@pytest.mark.parametrize(
    ("deal", "expected"),
    [
        (Deal(2, stage="Prospecting", fit=True, contact="Ann"), "Find an e-mail address for Ann"),
        (
            QUALIFIED._replace(stage="Prospecting", source="referral", referred_by="Bo"),
            "Call Ann Lee, and say that Bo put",
        ),
        (QUALIFIED._replace(stage="Prospecting", lead_type="cold"), "Write to Ann Lee about one problem"),
        (QUALIFIED._replace(stage="Qualification", budget=None), "Ask: How do you usually find the money"),
        (QUALIFIED._replace(stage="Qualification"), "Move to Pitch: "),
        (QUALIFIED._replace(stage="Pitch", solution="x"), "Work out with Ann Lee what it is worth"),
        (PITCHED._replace(stage="Pitch"), "Ask Ann Lee what speaks against it"),
        (PITCHED._replace(stage="Objections", objection="price"), "Show Ann Lee the return: "),
        (PITCHED._replace(stage="Objections", objection="timing"), "Ask Ann Lee what waiting costs"),
        (PITCHED._replace(stage="Objections", objection="competitor"), "Ask Ann Lee what the other offer does better"),
        (PITCHED._replace(stage="Objections", objection="other"), "Ask Ann Lee what lies behind"),
        (PITCHED._replace(stage="Objections", objection="price", objection_answer="x"), "Settle the terms"),
        (PITCHED._replace(stage="Closing"), "Send Ann Lee one page with the agreed benefits"),
        (SIGNED._replace(stage="Won", satisfaction="satisfied"), "Ask Ann Lee who else has the same problem"),
        (SIGNED._replace(stage="Won", satisfaction="unsatisfied"), "Call Ann Lee: they are not satisfied"),
    ],
)
def test_next_steps(deal: Deal, expected: str) -> None:
    assert step(deal).startswith(expected)


@pytest.mark.parametrize("kind", ["price", "timing", "competitor", "other"])
def test_each_objection_has_texts_of_its_own(kind: str) -> None:
    stage = built_in().stages["Objections"]
    mails = stage.sequences[stage.sequence(Deal(2, objection=kind), FACTS)]
    assert [mail.text for mail in mails] == [f"objection-{kind}-1", f"objection-{kind}-2", "objection-last"]


@pytest.mark.parametrize(
    ("deal", "due"),
    [
        (SIGNED, ["care-onboarding", "care-first-problems", "care-satisfaction"]),
        (SIGNED._replace(first_problems="x", satisfaction="satisfied"), ["care-onboarding", "care-referral"]),
        (SIGNED._replace(satisfaction="unsatisfied"), ["care-onboarding", "care-first-problems"]),
        (SIGNED._replace(satisfaction="satisfied", referral_asked=True), ["care-onboarding", "care-first-problems"]),
        (SIGNED._replace(won_on=None), []),
    ],
)
def test_care_asks_only_the_satisfied_for_referrals(deal: Deal, due: list[str]) -> None:
    won = built_in().stages["Won"]
    assert [won.care[position].text for position in won.care_due(deal, FACTS)] == due


def test_every_open_stage_has_limits_and_ends_with_a_last_word() -> None:
    for stage in built_in().stages.values():
        if stage.kind == "open":
            assert stage.rhythm
            assert stage.stall_after is None
            assert (stage.quiet_after or 0) > (stage.silent_after or 0) > 0
            assert all(not mails or mails[-1].text.endswith("-last") for mails in stage.sequences)
            assert stage.next_step(Deal(2), FACTS) >= 0


def test_next_steps_are_short_and_begin_with_a_verb() -> None:
    deal = PITCHED._replace(value=None, presented_on=TODAY)
    verbs = {
        "Arrange",
        "Ask",
        "Ask:",
        "Agree",
        "Call",
        "Check",
        "Choose",
        "Close",
        "Find",
        "Get",
        "Keep",
        "Move",
        "Prepare",
        "Present",
        "See",
        "Send",
        "Settle",
        "Show",
        "Try",
        "Work",
        "Write",
    }
    for stage in built_in().stages.values():
        for merge in stage.next_steps:
            for text in (merge.render({}.get).text, merge.render(lambda name: show.field_text(deal, name)).text):
                assert len(text) <= 120
                assert text.split()[0] in verbs
                assert not re.search(r"  | [,.;:?]", text)


def test_every_text_of_the_folder_is_sent_by_the_built_in_process() -> None:
    stages = built_in().stages.values()
    sent = {mail.text for stage in stages for mails in (*stage.sequences, stage.care) for mail in mails}
    assert sent == set(load_texts(None))


def test_the_page_about_the_process_file_names_every_key() -> None:
    from fivestep.config.sales_process import model

    page = read_text(ROOT / "docs" / "process.md", "process.md")
    tables = (
        model.WrittenProcess,
        model.WrittenTargets,
        model.WrittenScale,
        model.WrittenRule,
        model.WrittenStep,
        model.WrittenMail,
        model.WrittenFollowUps,
        model.WrittenCare,
        model.WrittenStage,
    )
    keys = {field.alias or name for table in tables for name, field in table.model_fields.items()}
    assert {key for key in keys if f"`{key}`" not in page} == set()
    assert {kind for kind in KINDS.values() if f"`{kind}`" not in page} == set()
    assert {name for name in Facts._fields if f"`{name}`" not in page} == set()


STAGES = """
name = "P"
[[stages]]
name = "A"
{}
[[stages]]
name = "W"
kind = "won"
[[stages]]
name = "L"
kind = "lost"
"""


@pytest.mark.parametrize(
    ("written", "places"),
    [
        (
            'follow_ups = [{steps = [{after = "1", text = "nudge", foo = 1}], bar = 2}]',
            ["follow_ups[1].steps[1].after", "follow_ups[1].steps[1].foo", "follow_ups[1].bar"],
        ),
        ("follow_ups = [{steps = [{care = 1}]}]", ["follow_ups[1].steps[1].care"]),
        ("follow_ups = [{steps = [{after = 1, foo = 1}, {bar = 2}]}]", ["follow_ups[1].steps[2].bar"]),
        ('next_steps = [{step = 1, foo = 1}, {step = "Call", bar = 1}]', ["next_steps[1].foo", "next_steps[2].bar"]),
    ],
)
def test_unknown_names_in_an_inline_step_are_mistakes_with_their_place(written: str, places: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load_process(STAGES.format(written), "process.toml", [], ["nudge"])
    assert {f"stages.A.{place}" for place in places} <= {mistake.place for mistake in caught.value.mistakes}


@pytest.mark.parametrize("key", ["stall_after", "silent_after"])
def test_a_limit_beyond_all_days_there_are(key: str) -> None:
    with pytest.raises(SettingsError, match="must be 36500 or less"):
        load_process(STAGES.format(f"{key} = 4000000"), "process.toml", [], [])
