"""The lists of words do not contradict each other, in any pair of languages."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from fivestep.config.vocabulary.words import load_words
from fivestep.process.reading.amounts import unit_form
from fivestep.process.wording.vocabulary import plain

WORDS = load_words()
SOURCE: dict[str, Any] = tomllib.loads(
    files("fivestep.config.vocabulary").joinpath("words.toml").read_text(encoding="utf-8")
)


def test_no_word_is_both_a_yes_and_a_no() -> None:
    assert not WORDS.yes & WORDS.no
    assert not WORDS.ticks & WORDS.crosses


def test_nothing_that_counts_as_blank_means_something() -> None:
    assert not WORDS.blanks & (WORDS.ticks | WORDS.crosses)
    assert not {plain(blank) for blank in WORDS.blanks} & (WORDS.yes | WORDS.no)


def test_a_day_of_the_week_is_no_month() -> None:
    assert not WORDS.date_words & set(WORDS.months)


@pytest.mark.parametrize(
    ("section", "form"), [("months", plain), ("multipliers", unit_form), ("currencies", unit_form)]
)
def test_a_word_has_one_meaning_in_its_list(section: str, form: Callable[[str], str]) -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for meaning, words in SOURCE[section].items():
        for word in words:
            meanings[form(word)].add(meaning)
    assert {word: found for word, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("section", ["yes", "no", "totals", "date_words"])
def test_every_word_is_left_with_something_to_compare(section: str) -> None:
    assert [word for word in SOURCE[section] if not plain(word)] == []


def test_all_twelve_months_in_many_languages() -> None:
    assert set(WORDS.months.values()) == set(range(1, 13))
    march = "märz mars marzo março maart marca mart март березень μαρτίου مارس מרץ मार्च maaliskuuta března március"
    assert {WORDS.months[plain(name)] for name in march.split(" ")} == {3}


def test_every_currency_knows_its_own_code() -> None:
    assert all(WORDS.currencies[unit_form(code)] == code for code in SOURCE["currencies"])
