"""Which row is which deal."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.process.judging.deal_ids import Identities, identify
from fivestep.process.judging.deal_looks import fingerprint
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory, StageEntry

DAY = dt.date(2026, 11, 2)


def rows(*given_ids_and_names: tuple[str, str]) -> list[Deal]:
    return [Deal(row=n, id=id_, deal=name) for n, (id_, name) in enumerate(given_ids_and_names, 2)]


def known(**names: str) -> dict[str, DealHistory]:
    """Deals of earlier runs: `D_1="Acme"`."""
    return {
        id_.replace("_", "-"): DealHistory(fingerprint=fingerprint(Deal(1, deal=name))) for id_, name in names.items()
    }


def ids(deals: list[Deal], past: dict[str, DealHistory] | None = None) -> Identities:
    return identify(deals, past or {}, own_id=True, column="Deal ID")


def test_new_rows_get_the_next_ids() -> None:
    result = ids(rows(("D-4", "Acme"), ("", "Bolt"), ("", "Cask")), known(D_9="gone"))
    assert result.ids == ["D-4", "D-10", "D-11"]
    assert result.given == {1: "", 2: ""}


def test_an_id_of_another_kind_is_kept() -> None:
    assert ids(rows(("OPP-7", "Acme"), ("", "Bolt"))).ids == ["OPP-7", "D-1"]


def test_a_copied_row_gets_its_own() -> None:
    result = ids(rows(("D-1", "Acme"), ("D-1", "Acme")))
    assert result.ids == ["D-1", "D-2"]
    assert result.copied_from == {1: "D-1"}


def test_the_row_that_is_still_about_the_same_keeps_the_id_wherever_it_stands() -> None:
    result = ids(rows(("D-1", "Bolt, copied and changed"), ("D-1", "Acme")), known(D_1="Acme"))
    assert result.ids == ["D-2", "D-1"]


def test_a_row_that_lost_its_id_gets_it_back() -> None:
    assert ids(rows(("", "Acme"), ("", "Bolt")), known(D_1="Bolt", D_2="Acme")).ids == ["D-2", "D-1"]


def test_rows_that_could_be_either_get_new_ones() -> None:
    assert ids(rows(("", "Acme"), ("", "Acme")), known(D_1="Acme")).ids == ["D-2", "D-3"]
    assert ids(rows(("", "Acme"), ("", "Acme")), known(D_10="Acme", D_9="Acme")).ids == ["D-9", "D-10"]
    assert ids(rows(("", "Acme")), known(D_1="Acme", D_2="Acme")).ids == ["D-3"]


def test_an_id_that_is_still_there_is_not_given_away() -> None:
    assert ids(rows(("D-1", "renamed"), ("", "Acme")), known(D_1="Acme")).ids == ["D-1", "D-2"]


def test_rows_that_were_sorted_without_their_ids_get_them_back() -> None:
    result = ids(
        rows(("D-1", "Cask"), ("D-2", "Acme"), ("D-3", "Bolt"), ("D-4", "Dorn")),
        known(D_1="Acme", D_2="Bolt", D_3="Cask", D_4="Dorn"),
    )
    assert result.ids == ["D-3", "D-1", "D-2", "D-4"]
    assert result.copied_from == {0: "D-1", 1: "D-2", 2: "D-3"}
    assert {problem.rule for problem in result.problems} == {"id.moved"}


def test_edited_and_sorted_without_the_ids_the_address_tells() -> None:
    def row(number: int, own: str, deal: str, email: str) -> Deal:
        return Deal(row=number, id=own, deal=deal, email=email)

    past = {
        own: DealHistory(fingerprint=fingerprint(row(1, own, deal, email)))
        for own, deal, email in [("D-1", "Acme", "a@a.example"), ("D-2", "Bolt", "b@b.example")]
    }
    swapped = [row(2, "D-1", "Bolt AG", "b@b.example"), row(3, "D-2", "Acme AG", "a@a.example")]
    assert ids(swapped, past).ids == ["D-2", "D-1"]
    edited = [row(2, "D-1", "Acme AG", "a@a.example"), row(3, "D-2", "Bolt", "b@b.example")]
    assert ids(edited, past).ids == ["D-1", "D-2"]
    new_address = [row(2, "D-1", "Acme", "new@a.example"), row(3, "D-2", "Bolt", "b@b.example")]
    assert ids(new_address, past).ids == ["D-1", "D-2"]


def test_a_row_that_was_edited_keeps_its_id() -> None:
    assert ids(rows(("D-1", "Acme AG"), ("D-2", "Bolt")), known(D_1="Acme", D_2="Bolt")).ids == ["D-1", "D-2"]


def test_a_row_that_became_like_a_deal_that_is_gone_keeps_its_id() -> None:
    assert ids(rows(("D-1", "Bolt")), known(D_1="Acme", D_2="Bolt")).ids == ["D-1"]


def test_sorted_without_the_ids_and_one_row_deleted() -> None:
    # Of D-1 Acme, D-2 Bolt, D-3 Cask the names were turned round, and the row with D-2 and Cask was deleted.
    result = ids(rows(("D-1", "Bolt"), ("D-3", "Acme")), known(D_1="Acme", D_2="Bolt", D_3="Cask"))
    assert result.ids == ["D-2", "D-1"]


def test_a_row_whose_id_went_back_to_its_deal_gets_a_new_one() -> None:
    result = ids(rows(("D-2", "Acme"), ("D-1", "new and unknown")), known(D_1="Acme", D_2="Bolt"))
    assert result.ids == ["D-1", "D-3"]


@given(order=st.permutations(["Acme", "Bolt", "Cask", "Dorn", "Ende"]))
def test_however_it_was_sorted(order: list[str]) -> None:
    names = sorted(order)
    past = known(**{f"D_{n}": name for n, name in enumerate(names, 1)})
    sorted_rows = rows(*((f"D-{n}", name) for n, name in enumerate(order, 1)))
    assert dict(zip(order, ids(sorted_rows, past).ids, strict=True)) == {n: f"D-{i}" for i, n in enumerate(names, 1)}


def test_the_teams_own_ids_are_never_given() -> None:
    result = identify(rows(("A", "x"), ("", "y"), ("B", "z"), ("B", "z")), {}, own_id=False, column="Nr")
    assert result.ids == ["A", "", "", ""]
    assert not result.given
    assert [(p.row, p.rule) for p in result.problems] == [(3, "id.missing"), (4, "id.repeated"), (5, "id.repeated")]


some_ids = st.sampled_from(["", "", "D-1", "D-2", "D-3", "X"])
names = st.sampled_from(["Acme", "Bolt", "Cask"])


@given(
    deals=st.lists(st.tuples(some_ids, names), max_size=8).map(lambda pairs: rows(*pairs)),
    past=st.dictionaries(st.sampled_from(["D-1", "D-2", "D-3", "D-7", "X"]), names),
)
def test_every_row_has_an_id_of_its_own_and_keeps_it(deals: list[Deal], past: dict[str, str]) -> None:
    history = {id_: DealHistory(fingerprint=fingerprint(Deal(1, deal=name))) for id_, name in past.items()}
    first = ids(deals, history)
    assert all(first.ids)
    assert len(set(first.ids)) == len(deals)
    if not first.problems:
        assert {deal.id for deal in deals} - {""} <= set(first.ids)
    written = [deal._replace(id=given_id) for deal, given_id in zip(deals, first.ids, strict=True)]
    second = ids(written, history)
    assert second.ids == first.ids
    assert not second.given


def twin(id_: str, stage: str, amount: float | None = None) -> Deal:
    """One of several deals of one customer, which only stage and amount tell apart."""
    return Deal(row=2, id=id_, company="Fabrikam", email="kim@fabrikam.example", stage=stage, amount=amount)


def seen(*twins: Deal) -> dict[str, DealHistory]:
    return {
        deal.id: DealHistory(entries=[StageEntry(deal.stage or "", DAY, None)], fingerprint=fingerprint(deal))
        for deal in twins
    }


SMALL, LARGE = twin("D-1", "Qualification", 500), twin("D-2", "Closing", 9000)


@pytest.mark.parametrize(
    ("before", "now", "own"),
    [
        pytest.param([SMALL, LARGE], [("Closing", 9000), ("Qualification", 500)], ["D-2", "D-1"], id="sorted"),
        pytest.param([SMALL, LARGE], [("Won", 9000), ("Pitch", 500)], ["D-2", "D-1"], id="sorted, and both moved on"),
        pytest.param([SMALL, LARGE], [("Closing", 9000), ("Pitch", 700)], ["D-2", "D-1"], id="sorted, one edited"),
        pytest.param([SMALL, LARGE], [("Closing", 500), ("Won", 9000)], ["D-1", "D-2"], id="both moved on"),
        pytest.param([SMALL, LARGE], [("Qualification", 9000), ("Closing", 9000)], ["D-1", "D-2"], id="edited"),
        pytest.param(
            [SMALL, LARGE], [("Qualification", 9000), ("Closing", 500)], ["D-1", "D-2"], id="amounts put right"
        ),
        pytest.param([SMALL, LARGE], [("Qualification", 500), ("Closing", None)], ["D-1", "D-2"], id="amount gone"),
        pytest.param(
            [twin("D-1", "Qualification"), twin("D-2", "Closing")],
            [("Closing", None), ("Qualification", None)],
            ["D-2", "D-1"],
            id="sorted, told by stage alone",
        ),
        pytest.param(
            [twin("D-1", "Qualification"), twin("D-2", "Closing")],
            [("Closing", 9000), ("Qualification", 500)],
            ["D-2", "D-1"],
            id="sorted, amounts not noted before",
        ),
        pytest.param(
            [SMALL, LARGE._replace(stage="Qualification")],
            [("Qualification", 9000), ("Qualification", 500)],
            ["D-2", "D-1"],
            id="sorted, of one stage",
        ),
    ],
)
def test_deals_of_one_customer_are_told_by_stage_and_amount(
    before: list[Deal], now: list[tuple[str, float | None]], own: list[str]
) -> None:
    result = ids([twin(id_, *look) for id_, look in zip(("D-1", "D-2"), now, strict=True)], seen(*before))
    assert result.ids == own
    assert {p.rule for p in result.problems} == ({"id.moved"} if own == ["D-2", "D-1"] else set())


def test_deals_that_nothing_tells_apart_are_named_as_not_certain() -> None:
    before = seen(twin("D-1", "Qualification"), twin("D-2", "Closing"), twin("D-3", "Pitch"))
    result = ids([twin("D-1", "Objections"), twin("D-2", "Prospecting"), twin("D-3", "Pitch")], before)
    assert result.ids == ["D-1", "D-2", "D-3"]
    assert [(p.rule, p.deal) for p in result.problems] == [("id.uncertain", "D-1"), ("id.uncertain", "D-2")]


def test_rows_that_lost_their_ids_get_them_back_by_amount() -> None:
    assert ids([twin("", "Pitch", 9000), twin("", "Pitch", 500)], seen(SMALL, LARGE)).ids == ["D-1", "D-2"]
    assert ids([twin("", "Closing", 9000), twin("", "Pitch", 500)], seen(SMALL, LARGE)).ids == ["D-2", "D-1"]
    assert ids([twin("", "Closing", 9000)], seen(SMALL, LARGE)).ids == ["D-2"]


def test_of_two_rows_with_one_id_the_one_with_the_same_amount_keeps_it() -> None:
    assert ids([twin("D-1", "Pitch", 700), twin("D-1", "Pitch", 500)], seen(SMALL)).ids == ["D-2", "D-1"]
